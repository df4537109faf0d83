import { Base, Kind } from './shape';

export class Rectangle extends Base {
  readonly kind: Kind = Kind.Angular;

  constructor(private readonly width: number, private readonly height: number, label = 'rectangle') {
    super(label);
  }

  get area(): number {
    return this.width * this.height;
  }

  scaled<T extends number>(by: T): Rectangle {
    return new Rectangle(this.width * by, this.height * by, this.label!);
  }
}
