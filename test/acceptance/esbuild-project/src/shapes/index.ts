export type { Shape } from './shape';
export { Kind } from './shape';
export { Circle } from './circle';
export { Rectangle } from './rectangle';
import type { Shape } from './shape';

export function area(shape: Shape): number {
  return shape.area;
}
