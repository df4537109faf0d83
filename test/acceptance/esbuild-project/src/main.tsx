// Entry of a small project that has something of most things a bundler must handle.
import { area, Circle, Rectangle, Shape } from './shapes/index';
import * as text from './text/format';
import { h, render } from './ui/element';
import { Page } from './ui/page';
import settings from './settings.json';
import { unused } from './unused';

const shapes: Shape[] = [new Circle(2), new Rectangle(3, 4), new Rectangle(1.5, 2, 'card')];

async function* measured(list: readonly Shape[]): AsyncGenerator<[string, number]> {
  for (const shape of list) {
    await Promise.resolve();
    yield [shape.name, area(shape)];
  }
}

async function main(): Promise<void> {
  const rows: string[] = [];
  for await (const [name, size] of measured(shapes)) {
    rows.push(text.row(name, size.toFixed(settings.digits ?? 2)));
  }
  console.log(rows.join('\n'));
  console.log(render(<Page title={settings.title} items={rows} footer={null} />));
  const { length, ...rest } = { length: rows.length, first: rows[0], last: rows.at(-1) };
  console.log(length, JSON.stringify(rest));
  const lazy = await import('./lazy');
  console.log(lazy.default`total ${lazy.total(shapes.map(area))} of ${shapes.length}`);
  if (false as boolean) unused();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
});
