/** Programs as text: one equation per line, as JAX prints a jaxpr. */
import { showAval } from '../core/showAval.js'
import type { Params } from './primitive.js'
import type { Atom, Equation, Program, Var } from './program.js'
import { isProgram } from './program.js'

/** The `n`-th readable name: `a` .. `z`, `aa`, `ab`, ... */
export const nameOf = (n: number): string => {
  let name = ''
  for (let k = n; k >= 0; k = Math.floor(k / 26) - 1) name = String.fromCharCode(97 + (k % 26)) + name
  return name
}

/** Readable names for the variables of a Program, in the order in which they are defined; values nobody reads are `_`. */
export const namesOf = (program: Program): ReadonlyMap<number, string> => {
  const used = new Set<number>()
  const use = (a: Atom): void => {
    if (a.kind === 'var') used.add(a.id)
  }
  for (const e of program.equations) e.inputs.forEach(use)
  program.outputs.forEach(use)
  const names = new Map<number, string>()
  let count = 0
  for (const v of program.inputs) names.set(v.id, nameOf(count++))
  for (const e of program.equations) for (const v of e.outputs) names.set(v.id, used.has(v.id) ? nameOf(count++) : '_')
  return names
}

type Names = ReadonlyMap<number, string>

/** A number that reads back as itself: `-0`, `NaN`, `Infinity` included. */
export const showNumber = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** A parameter as text on one line; a Program is named by its size, a function by its name. */
export const showParam = (v: unknown): string =>
  typeof v === 'number'
    ? showNumber(v)
    : typeof v === 'string'
      ? v
      : typeof v === 'function'
        ? `<${v.name === '' ? 'function' : v.name}>`
        : isProgram(v)
          ? `<program of ${v.equations.length}>`
          : Array.isArray(v)
            ? `[${v.map(showParam).join(',')}]`
            : typeof v === 'object' && v !== null
              ? `{${Object.entries(v)
                  .map(([k, w]) => `${k}=${showParam(w)}`)
                  .join(' ')}}`
              : String(v)

const showAtom = (names: Names, a: Atom): string =>
  a.kind === 'literal' ? `${showNumber(a.value)}:${showAval(a.aval)}` : (names.get(a.id) ?? `?${a.id}`)

const showVar = (names: Names, v: Var): string => `${names.get(v.id) ?? `?${v.id}`}:${showAval(v.aval)}`

const holdsProgram = (v: unknown): boolean => isProgram(v) || (Array.isArray(v) && v.some(isProgram))

/** `[axes=[0] keepdims=true]`; Programs follow on lines of their own. */
const showParams = (params: Params, indent: string): string => {
  const entries = Object.entries(params).filter(([, v]) => v !== undefined)
  if (entries.length === 0) return ''
  const inner = `${indent}  `
  const plain = entries.filter(([, v]) => !holdsProgram(v)).map(([k, v]) => `${k}=${showParam(v)}`)
  const held = entries
    .filter(([, v]) => holdsProgram(v))
    .map(([k, v]) => {
      if (isProgram(v)) return `${inner}${k}=${show(v, inner)}`
      const list = Array.isArray(v) ? v : []
      return `${inner}${k}=(\n${list.map((p) => `${inner}  ${isProgram(p) ? show(p, `${inner}  `) : showParam(p)}`).join('\n')}\n${inner})`
    })
  return held.length === 0 ? `[${plain.join(' ')}]` : `[${plain.join(' ')}\n${held.join('\n')}\n${indent}]`
}

const showLine = (names: Names, e: Equation, indent: string): string => {
  const left = e.outputs.map((v) => showVar(names, v)).join(' ')
  const right = [`${e.prim.name}${showParams(e.params, indent)}`, ...e.inputs.map((a) => showAtom(names, a))].join(' ')
  return `${indent}${left === '' ? '' : `${left} = `}${right}${e.scope === '' ? '' : `  # ${e.scope}`}`
}

const show = (program: Program, indent: string): string => {
  const names = namesOf(program)
  const inputs = program.inputs.map((v) => showVar(names, v)).join(' ')
  const outputs = program.outputs.map((a) => showAtom(names, a)).join(', ')
  const lines = program.equations.map((e) => showLine(names, e, `${indent}    `))
  return [`{ (${inputs}) =>`, ...lines, `${indent}  in (${outputs}) }`].join('\n')
}

/**
 * A Program as text.
 *
 * @example
 * printProgram(trace((x) => np.add(x, np.mul(x, x)), np.zeros([3])).program)
 * // { (a:float32[3]) =>
 * //     b:float32[3] = mul a a
 * //     c:float32[3] = add a b
 * //   in (c) }
 */
export const printProgram = (program: Program): string => show(program, '')

/** One equation of `program` as text, on one line, with the names that `printProgram` gives. */
export const printEquation = (program: Program, equation: Equation): string => {
  const names = namesOf(program)
  const plain = Object.fromEntries(Object.entries(equation.params).map(([k, v]) => [k, holdsProgram(v) ? showParam(v) : v]))
  return showLine(names, { ...equation, params: plain, scope: '' }, '')
}
