/** The wasm backend: Programs compiled to WebAssembly. Small buffers are host arrays; large ones stay in its memory until they are read. */
import { define } from '../../ir/passes/define.js'
import { routineOf } from './routines/index.js'
import type { Backend, Executable } from '../../compile/backend.js'
import type { TypedArray } from '../../core/dtype.js'
import { explainFused } from '../../compile/explanation.js'
import { target } from './target.js'
import type { Atom, Program } from '../../ir/program.js'
import { now } from '../driver/later.js'
import { reference } from '../reference/index.js'
import { engine, isUsable, tune } from './engine.js'
import { compileProgram } from './program.js'
import { isHeld, type Buffer } from '../driver/residents.js'
import { isTiny, singleExecutable } from './single.js'
import { isSmallAndExact, isSmallPart } from './small.js'

/** For every output: the position of the input that it is another shape of, or -1. */
const reshaped = ({ inputs, equations, outputs }: Program): readonly number[] => {
  const from = new Map<Atom, Atom>()
  const position = new Map<Atom, number>(inputs.map((v, k) => [v, k]))
  for (const e of equations) if (e.prim.lower.kind === 'alias') from.set(e.outputs[0]!, e.inputs[0]!)
  return outputs.map((a) => {
    let at: Atom = a
    for (let next = from.get(at); next !== undefined; next = from.get(at)) at = next
    return at === a ? -1 : (position.get(at) ?? -1)
  })
}

const executable = (program: Program, donate: readonly number[]): Executable => {
  const machine = engine()
  const { residents } = machine
  const donated = new Set(donate)
  const same = reshaped(program).map((k) => (donated.has(k) ? -1 : k))
  const rest = program.outputs.filter((_, k) => same[k]! < 0)
  const { code, solo } = compileProgram({ ...program, outputs: rest }, machine, donate)
  const ins = program.inputs.map((v) => v.aval)
  const outs = program.outputs.map((v) => v.aval)
  if (solo !== null && rest.length === outs.length && isTiny([...ins, ...outs])) return singleExecutable(machine, solo, ins, outs)
  /** Donated inputs are taken last. A run that fails gives back those that it has not written over or freed yet. */
  const runOn = (inputs: readonly unknown[]): readonly number[] => {
    const lost: number[] = []
    const at = inputs.map((x, k) => (donated.has(k) ? 0 : residents.address(x as Buffer<number>, ins[k]!)))
    try {
      for (const k of donate) at[k] = residents.take(inputs[k] as Buffer<number>, ins[k]!)
      return now(code(at, lost))
    } catch (error) {
      for (const k of lost) at[k] = 0
      for (const k of donate) if (at[k] !== 0) residents.giveBack(inputs[k] as Buffer<number>, at[k]!, ins[k]!)
      // eslint-disable-next-line functional/no-throw-statements -- passed on, once the arguments are theirs again
      throw error
    }
  }
  return (inputs) => {
    residents.enter()
    try {
      const results = runOn(inputs)
      let next = 0
      return outs.map((a, k) => {
        if (same[k]! < 0) return residents.give(results[next++]!, a)
        const buffer = inputs[same[k]!] as Buffer<number>
        residents.share(buffer)
        return buffer
      })
    } finally {
      residents.leave()
    }
  }
}

/** A Program for the reference backend on values wherever they lie. */
const onPlace = (program: Program): Executable => {
  const { residents } = engine()
  const run = reference.compile(program, { donate: [] })
  return (inputs) => run(inputs.map((x) => residents.look(x as Buffer<number>)))
}

/** Runs wherever WebAssembly SIMD does. */
export const wasm: Backend = {
  name: 'wasm',
  host: true,
  supports: () => true,
  put: (data) => data,
  get: (buffer) => (isHeld(buffer as Buffer<number>) ? engine().residents.read(buffer as Buffer<number>) : (buffer as TypedArray)),
  compile: (program, options) => {
    if (isSmallAndExact(program) || !isUsable()) return reference.compile(program, options)
    return isSmallPart(program) ? onPlace(program) : executable(program, options.donate)
  },
  explain: (program, { donate }) =>
    explainFused(
      target,
      define(program, (e) => routineOf(e) !== null),
      compileProgram(program, engine(), donate).memory,
    ),
  tune,
}
