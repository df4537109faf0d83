import { Base, Kind } from './shape';

const PI = 3.141592653589793 as const;

export class Circle extends Base {
  readonly kind = Kind.Round;

  constructor(private radius: number) {
    super('circle');
  }

  get area(): number {
    return PI * this.radius ** 2;
  }
}
