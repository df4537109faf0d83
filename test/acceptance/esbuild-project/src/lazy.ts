export const total = (numbers: number[]): bigint => numbers.reduce((sum, n) => sum + BigInt(Math.round(n)), 0n);

export default function tag(parts: TemplateStringsArray, ...values: unknown[]): string {
  let result = '';
  label: for (let i = 0; ; i++) {
    result += parts[i];
    if (i >= values.length) break label;
    result += `<${values[i]}>`;
  }
  return result;
}
