export const fine: number = 1;

function broken(x: number {
  return x;
}
