/** Control flow: branches are If, scans are Scan, loops are Loop. Bodies read what is constant in them from the graph around. */
import type { Aval } from '../../core/aval.js'
import type { Program } from '../../ir/program.js'
import type { Builder, TensorType, GraphValue } from './builder.js'
import type { LoweringRule, LoweringSite } from './rule.js'

const kind = (a: Aval): TensorType => ({ type: a.dtype, shape: a.shape })

/** The outputs of a Program, each in its whole shape. */
const results = (b: Builder, run: LoweringSite['run'], program: Program, inputs: readonly GraphValue[]): readonly GraphValue[] =>
  run(program, inputs).map((y, k) => b.whole(y, program.outputs[k]!.aval.shape))

/** A Program applied: its equations are those of the graph. */
export const call: LoweringRule<{ readonly program: Program }> = ({ values, run, params: { program } }) => run(program, values)

/** Two branches are an If; more are a choice between the first and the rest. */
export const cond: LoweringRule<{ readonly branches: readonly Program[] }> = ({ b, values, outs, run, params: { branches } }) => {
  const [index, ...operands] = values
  const choose = (from: number): readonly GraphValue[] => {
    if (from === branches.length - 1) return results(b, run, branches[from]!, operands)
    if (outs.length === 0) return []
    const first = b.node('LessOrEqual', [index!, b.scalar(from, 'int32')], { type: 'bool', shape: [] })
    return b.nodes('If', [first], outs.map(kind), {
      then_branch: b.body([], () => results(b, run, branches[from]!, operands)),
      else_branch: b.body([], () => choose(from + 1)),
    })
  }
  return choose(0)
}

interface Scan {
  readonly body: Program
  readonly length: number
  readonly reverse: boolean
  readonly consts: number
  readonly carry: number
}

/** Scan where something is scanned; a Loop of known length where nothing is; nothing at all where there are no steps. */
export const scan: LoweringRule<Scan> = ({ b, ins, outs, values, whole, run, params: { body, length, reverse, consts, carry } }) => {
  const held = values.slice(0, consts)
  const start = Array.from({ length: carry }, (_, k) => whole(consts + k))
  const xs = Array.from({ length: ins.length - consts - carry }, (_, k) => whole(consts + carry + k))
  if (length === 0) return [...start, ...outs.slice(carry).map((y) => b.whole(b.scalar(0, y.dtype), y.shape))]
  const state = body.inputs.slice(consts, consts + carry).map((v) => kind(v.aval))
  if (xs.length > 0) {
    const slices = body.inputs.slice(consts + carry).map((v) => kind(v.aval))
    const direction = (n: number): number[] => Array.from({ length: n }, () => Number(reverse))
    const stacked = outs.length - carry
    return b.nodes('Scan', [...start, ...xs], outs.map(kind), {
      body: b.body([...state, ...slices], (ports) => results(b, run, body, [...held, ...ports])),
      num_scan_inputs: xs.length,
      ...(reverse ? { scan_input_directions: direction(xs.length) } : {}),
      ...(reverse && stacked > 0 ? { scan_output_directions: direction(stacked) } : {}),
    })
  }
  const ys = b.nodes('Loop', [b.scalar(length, 'int64'), null, ...start], outs.map(kind), {
    body: b.body([{ type: 'int64', shape: [] }, { type: 'bool', shape: [] }, ...state], ([, go, ...ports]) => [
      go!,
      ...results(b, run, body, [...held, ...ports]),
    ]),
  })
  if (!reverse) return ys
  return ys.map((y, k) =>
    k < carry ? y : b.node('Slice', [y, b.ints([-1]), b.ints([-(2 ** 63)]), b.ints([0]), b.ints([-1])], { type: y.type, shape: y.shape }),
  )
}

interface While {
  readonly cond: Program
  readonly body: Program
  readonly condConsts: number
  readonly bodyConsts: number
}

/** The condition is computed before the loop, and again at the end of every step. */
export const whileLoop: LoweringRule<While> = ({
  b,
  ins,
  outs,
  values,
  whole,
  run,
  params: { cond: test, body, condConsts, bodyConsts },
}) => {
  const first = condConsts + bodyConsts
  const tests = values.slice(0, condConsts)
  const consts = values.slice(condConsts, first)
  const start = Array.from({ length: ins.length - first }, (_, k) => whole(first + k))
  const goes = (state: readonly GraphValue[]): GraphValue => b.whole(run(test, [...tests, ...state])[0]!, [])
  return b.nodes('Loop', [null, goes(start), ...start], outs.map(kind), {
    body: b.body([{ type: 'int64', shape: [] }, { type: 'bool', shape: [] }, ...outs.map(kind)], ([, , ...state]) => {
      const next = results(b, run, body, [...consts, ...state])
      return [goes(next), ...next]
    }),
  })
}
