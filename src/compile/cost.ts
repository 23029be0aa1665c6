/** What steps cost: operations on numbers, and bytes that move. A model, not a measurement: every operation counts one. */
import type { Aval } from '../core/aval.js'
import { dtypes } from '../core/dtype.js'
import { sizeOf } from '../core/shape.js'
import { isOp } from '../kernel/properties.js'
import type { Expr } from '../kernel/scalar.js'
import { nodesOf, operandsOf } from '../kernel/scalar.js'
import type { Equation, Program } from '../ir/program.js'
import { programsOf } from '../ir/control.js'
import { scalarBody } from '../ir/scalarBody.js'
import type { LoopKernel } from './kernels.js'

/** Bytes of a value. */
export const bytesOf = (a: Aval): number => a.size * dtypes[a.dtype].bytes

/** Conversions are not counted: they change the type of a number, not the number. */
const isConversion = (op: string): boolean => op === 'cast' || op === 'bitcast'

const operationsIn = (roots: readonly Expr[]): number =>
  nodesOf(roots).reduce((n, { op }) => n + (isOp(op) && !isConversion(op) ? 1 : 0), 0)

const numbers = (e: Equation, key: string): readonly number[] => (Array.isArray(e.params[key]) ? (e.params[key] as readonly number[]) : [])

const counted = new WeakMap<Program, number>()

/** Operations of a Program, one equation after the other; a Program that is called often is counted once. */
export const flopsOfProgram = (program: Program): number => {
  let n = counted.get(program)
  if (n === undefined) counted.set(program, (n = program.equations.reduce((sum, e) => sum + flopsOf(e), 0)))
  return n
}

/** Operations of one equation on its own. A multiply-add counts two; a loop of unknown length counts once. */
export const flopsOf = (e: Equation): number => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const { lower, name } = e.prim
  const size = outs.reduce((n, a) => n + a.size, 0)
  switch (lower.kind) {
    case 'scalar':
      return (outs[0]?.size ?? 0) * operationsIn(scalarBody(e)!)
    case 'view':
    case 'alias':
    case 'inline':
    case 'host':
      return 0
    case 'loops':
      return lower.nests(ins, outs, e.params).reduce((n, nest) => {
        const inner = nest.reduce === undefined ? 1 : sizeOf(nest.reduce.sizes)
        return n + sizeOf(nest.shape) * inner * ((nest.reduce === undefined ? 0 : 1) + operationsIn([nest.body]))
      }, 0)
    case 'control': {
      const form = lower.form(e.params)
      return (form.kind === 'scan' ? form.length : 1) * Math.max(0, ...programsOf(form).map(flopsOfProgram))
    }
    case 'routine': {
      if (name === 'dotGeneral') return 2 * size * numbers(e, 'lhsContract').reduce((n, k) => n * ins[0]!.shape[k]!, 1)
      if (name === 'conv') return 2 * size * sizeOf(ins[1]!.shape.slice(1))
      return ins.reduce((n, a) => Math.max(n, a.size), size)
    }
  }
}

/** Operations of a loop kernel: what depends on no inner axis is done once per row. */
export const flopsOfKernel = ({ outer, inner, values }: LoopKernel): number => {
  const rows = sizeOf(outer)
  const points = rows * sizeOf(inner)
  const changes: boolean[] = []
  let flops = 0
  for (const v of values) {
    const walks = 'strides' in v && v.strides.some((n, k) => k >= outer.length && n !== 0)
    if (v.op === 'load') changes.push(walks)
    else if (v.op === 'gather') changes.push(walks || operandsOf<number>(v).some((o) => changes[o]!))
    else if (v.op === 'const') changes.push(false)
    else if (v.op === 'index') changes.push(v.axis >= outer.length)
    else if (v.op === 'reduce') {
      changes.push(false)
      flops += points
    } else {
      const each = inner.length === 0 || operandsOf<number>(v).some((o) => changes[o]!)
      changes.push(each)
      if (!isConversion(v.op)) flops += each ? points : rows
    }
  }
  return flops
}
