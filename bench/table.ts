/** Aligned text. */

/** A number with three significant digits, without an exponent. */
export const three = (x: number): string => {
  if (!Number.isFinite(x)) return String(x)
  if (x === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(x))))
  return digits > 8 ? x.toExponential(2) : Number(x.toPrecision(3)).toFixed(Math.min(digits, 8))
}

/** Rows in columns: the first to the left, the others to the right. */
export const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, k) => Math.max(...rows.map((r) => r[k]!.length)))
  return rows
    .map((r) => r.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Rows as a Markdown table. */
export const markdown = (rows: readonly (readonly string[])[]): string =>
  rows
    .flatMap((r, i) => [`| ${r.join(' | ')} |`, ...(i === 0 ? [`|${r.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`] : [])])
    .join('\n')
