export function unused(): never {
  throw new Error('this must not be in a minified bundle');
}

export function never_referenced(): string {
  return 'NEITHER MUST THIS';
}
