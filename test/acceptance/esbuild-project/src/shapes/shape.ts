export enum Kind {
  Round = 1,
  Angular = Round << 1,
  Both = Round | Angular,
}

export interface Shape {
  readonly kind: Kind;
  readonly name: string;
  readonly area: number;
}

export abstract class Base implements Shape {
  static #made = 0;
  readonly #serial: number;
  abstract readonly kind: Kind;
  abstract readonly area: number;

  constructor(protected readonly label: string) {
    this.#serial = ++Base.#made;
  }

  get name(): string {
    return `${this.label}#${this.#serial}/${Kind[this.kind]}`;
  }

  static get made(): number {
    return Base.#made;
  }
}
