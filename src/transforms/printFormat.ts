/** Format strings of `debug.print`: text with fields in braces, as in Python, filled with values. */
import { describe, isRecord } from '../core/describe.js'
import { fail, ValueError } from '../core/errors.js'
import { isTensor } from '../core/tensor.js'

/** A text, or the place of an argument: its position, or its name in the last argument. */
type Piece = string | { readonly at: number | string }

/** A format taken apart. */
interface Format {
  readonly pieces: readonly Piece[]
  /** The names of its fields; the last argument has them. */
  readonly names: readonly string[]
  /** How many arguments stand before the names. */
  readonly positions: number
}

const refuse = (format: string, why: string, fix: string): never => fail(ValueError, `debug.print: '${format}' ${why}`, { fix })

const parse = (format: string): Format => {
  const pieces: Piece[] = []
  const names = new Set<string>()
  let [counted, numbered, positions, last] = [0, 0, 0, 0]
  for (const match of format.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g)) {
    const [found, field] = match
    pieces.push(format.slice(last, match.index))
    last = match.index + found.length
    if (found === '{{' || found === '}}') pieces.push(found[0]!)
    else if (field === undefined)
      refuse(format, `has a single '${found}'`, `'${found}${found}' for the character; '{}' or '{name}' for a value`)
    else if (field === '') {
      pieces.push({ at: counted++ })
      positions = Math.max(positions, counted)
    } else if (/^\d+$/.test(field)) {
      numbered++
      pieces.push({ at: Number(field) })
      positions = Math.max(positions, Number(field) + 1)
    } else if (/^[A-Za-z_$][\w$]*$/.test(field)) {
      pieces.push({ at: field })
      names.add(field)
    } else
      refuse(
        format,
        `has the field {${field}}, which is no position and no name`,
        'np.round before printing; debug.callback for a format of your own',
      )
  }
  if (counted > 0 && numbered > 0) refuse(format, "has both '{}' and numbered fields", 'one kind of them')
  return { pieces: [...pieces, format.slice(last)], names: [...names], positions }
}

/** One value as text: tensors as NumPy prints them, texts as they are. */
const show = (x: unknown): string => {
  if (isTensor(x)) return x.toString()
  if (Array.isArray(x)) return `[${x.map(show).join(', ')}]`
  if (isRecord(x)) {
    const entries = Object.entries(x).map(([k, v]) => `${k}: ${show(v)}`)
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  return typeof x === 'string' ? x : typeof x === 'bigint' ? String(x) : describe(x)
}

/**
 * What fills a format with the values of arguments such as these.
 *
 * @throws ValueError when the format is none, and when fields and arguments do not fit each other.
 */
export const printFormat = (format: string, args: readonly unknown[]): ((values: readonly unknown[]) => string) => {
  const { pieces, names, positions } = parse(format)
  const named = names.length === 0 ? {} : args.at(-1)
  const count = args.length - (names.length === 0 ? 0 : 1)
  if (!isRecord(named) || isTensor(named))
    return refuse(
      format,
      `names ${names.join(', ')}, but the last argument is ${describe(named)}`,
      `a last argument { ${names.join(', ')} }`,
    )
  if (count !== positions)
    refuse(
      format,
      `has ${positions} field${positions === 1 ? '' : 's'} by position for ${count} argument${count === 1 ? '' : 's'}`,
      "one '{}' for each",
    )
  const missing = names.find((name) => !Object.hasOwn(named, name))
  if (missing !== undefined) refuse(format, `names ${missing}, which the last argument does not have`, `{ ${names.join(', ')} }`)
  const unused = names.length === 0 ? undefined : Object.keys(named).find((name) => !names.includes(name))
  if (unused !== undefined) refuse(format, `does not name ${unused}, which the last argument has`, `'{${unused}}', or leave it out`)
  return (values) => {
    const last = (values.at(-1) ?? {}) as Readonly<Record<string, unknown>>
    return pieces.map((p) => (typeof p === 'string' ? p : show(typeof p.at === 'number' ? values[p.at] : last[p.at]))).join('')
  }
}
