/** Printing as NumPy prints: aligned columns, brackets by axis, large arrays summarised. */
import type { Aval } from './aval.js'
import type { TypedArray } from './dtype.js'
import { isBool, isDouble, isReal } from './dtype.js'
import { stridesOf } from './shape.js'

const precision = 8
const lineWidth = 75
const edgeItems = 3
const threshold = 1000

/** The shortest decimal that reads back as the same number of its dtype, as a float64. */
const shortest = (x: number, single: boolean): number => {
  if (!single || x === 0) return x
  for (let digits = 1; digits < 9; digits++) {
    const y = Number(x.toPrecision(digits))
    if (Math.fround(y) === x) return y
  }
  return Number(x.toPrecision(9))
}

const special = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf')

/** `1.5` as `['1', '5']`, at most `precision` digits after the point and no zeros at the end. */
const positional = (x: number): readonly [string, string] => {
  const text = Object.is(x, -0) ? '-0' : String(x)
  const [whole, fraction = ''] = (text.includes('e') || (text.split('.')[1] ?? '').length > precision ? x.toFixed(precision) : text).split(
    '.',
  )
  return [whole!, fraction.replace(/0+$/, '')]
}

const fractionOf = (text: string): string => (text.split('e')[0]!.split('.')[1] ?? '').replace(/0+$/, '')

/** Digits after the point of `x` in scientific notation. */
const digitsOf = (x: number): number => {
  const digits = fractionOf(x.toExponential()).length
  return digits > precision ? fractionOf(x.toExponential(precision)).length : digits
}

/** `1500` with one digit after the point as `1.5e+03`. */
const exponential = (x: number, digits: number, power: number): string => {
  const [mantissa, exponent] = x.toExponential(digits).split('e')
  return `${Object.is(x, -0) ? '-' : ''}${mantissa!}${digits === 0 ? '.' : ''}e${exponent![0]!}${exponent!.slice(1).padStart(power, '0')}`
}

const widest = (texts: readonly string[]): number => texts.reduce((w, t) => Math.max(w, t.length), 0)

/** One text per number, aligned at the point; all in scientific notation when one needs it. */
const formatFloats = (xs: readonly number[], single: boolean): readonly string[] => {
  const values = xs.map((x) => shortest(x, single))
  const sizes = values.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs)
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)]
  const others = values.filter((x) => !Number.isFinite(x)).map(special)
  if (sizes.length > 0 && (largest >= (single ? 1e6 : 1e8) || smallest < 1e-4 || largest / smallest > 1000)) {
    const finite = values.filter(Number.isFinite)
    const digits = Math.max(...finite.map(digitsOf))
    const power = Math.max(2, ...finite.map((x) => x.toExponential().split('e')[1]!.length - 1))
    const texts = xs.map((x) => (Number.isFinite(x) ? exponential(x, digits, power) : special(x)))
    const width = widest(texts)
    return texts.map((t) => t.padStart(width))
  }
  const parts = values.map((x) => (Number.isFinite(x) ? positional(x) : null))
  const right = widest(parts.map((p) => p?.[1] ?? ''))
  const left = Math.max(widest(parts.map((p) => p?.[0] ?? '')), widest(others) - right - 1)
  return parts.map((p, i) => (p === null ? special(values[i]!).padStart(left + 1 + right) : `${p[0].padStart(left)}.${p[1].padEnd(right)}`))
}

const formatScalar = (x: number, a: Aval): string => {
  if (isBool(a.dtype)) return x === 0 ? 'false' : 'true'
  if (!isReal(a.dtype)) return String(x)
  if (!Number.isFinite(x)) return special(x)
  const y = shortest(x, !isDouble(a.dtype))
  const size = Math.abs(y)
  if (size !== 0 && (size < 1e-4 || size >= (isDouble(a.dtype) ? 1e16 : 1e6))) return y.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  const text = Object.is(y, -0) ? '-0' : String(y)
  return text.includes('.') ? text : `${text}.0`
}

/** Positions on one axis that are printed; `null` stands for the dots between. */
const shown = (n: number, summarise: boolean): readonly (number | null)[] =>
  summarise && n > 2 * edgeItems
    ? [...Array.from({ length: edgeItems }, (_, i) => i), null, ...Array.from({ length: edgeItems }, (_, i) => n - edgeItems + i)]
    : Array.from({ length: n }, (_, i) => i)

/** Words in lines of at most `width` characters, lines after the first indented. */
const wrap = (words: readonly string[], indent: string, width: number): string => {
  const lines: string[] = []
  let line = indent
  for (const word of words) {
    if (line.length > indent.length && line.length + word.length > width) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${word} `
  }
  return [...lines, line.slice(0, -1)].join('\n').slice(indent.length)
}

/**
 * The elements of `data` as NumPy prints them: 8 digits after the point at most, numbers of one tensor aligned, lines of
 * 75 characters, more than 1000 elements shortened to three at every edge.
 *
 * @example
 * String(np.array([1, 2.5]))   // '[1.  2.5]'
 */
export const formatTensor = (data: TypedArray, a: Aval): string => {
  const { shape } = a
  if (shape.length === 0) return formatScalar(data[0]!, a)
  if (a.size === 0) return shape.length === 1 ? '[]' : `[] (shape [${shape.join(',')}])`
  const strides = stridesOf(shape)
  const axes = shape.map((n) => shown(n, a.size > threshold))

  const offsets = axes.reduce<readonly number[]>(
    (all, places, k) => all.flatMap((o) => places.flatMap((p) => (p === null ? [] : [o + p * strides[k]!]))),
    [0],
  )
  const texts = elementTexts(
    offsets.map((o) => data[o]!),
    a,
  )
  let next = 0
  const print = (axis: number, indent: string): string => {
    const last = axis === shape.length - 1
    if (last)
      return `[${wrap(
        axes[axis]!.map((p) => (p === null ? '...' : texts[next++]!)),
        indent,
        lineWidth - axis - 1,
      )}]`
    const rows = axes[axis]!.map((p) => (p === null ? '...' : print(axis + 1, `${indent} `)))
    return `[${rows.join('\n'.repeat(shape.length - 1 - axis) + indent)}]`
  }
  return print(0, ' ')
}

const elementTexts = (xs: readonly number[], { dtype }: Aval): readonly string[] => {
  if (isReal(dtype)) return formatFloats(xs, !isDouble(dtype))
  const texts = xs.map((x) => (isBool(dtype) ? (x === 0 ? 'false' : 'true') : String(x)))
  const width = widest(texts)
  return texts.map((t) => t.padStart(width))
}
