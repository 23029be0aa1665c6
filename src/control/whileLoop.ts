/** Loops whose number of iterations is known only when they run. */
import { isBool } from '../core/dtype.js'
import { fail, ShapeError, TraceError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import { interpret } from '../ir/interpret.js'
import type { Maybe } from '../ir/linear.js'
import type { Params, Primitive } from '../ir/primitive.js'
import type { Program, Var } from '../ir/program.js'
import { trace } from '../ir/trace.js'
import { reduceMax } from '../prim/reduce.js'
import { select } from '../prim/select.js'
import { broadcast } from '../prim/structure.js'
import { repeat } from '../transforms/batch.js'
import type { Lifted } from '../transforms/flat.js'
import { checkFunction, flattenLifted, onLeaves } from '../transforms/flat.js'
import type { ActiveMask } from '../transforms/programs.js'
import { avalsOf, batchProgram, either, jvpProgram, pick, place, present, rearrange } from '../transforms/programs.js'
import { instantiate } from '../transforms/zeros.js'
import { settleCarry } from './carry.js'

/**
 * Parameters of `while`. Inputs `[condition constants, body constants, carry]`;
 * `cond: [condition constants, carry] -> bool`, `body: [body constants, carry] -> carry`.
 */
export interface WhileParams extends Params {
  readonly cond: Program
  readonly body: Program
  readonly condConsts: number
  readonly bodyConsts: number
}

const split = <T>(xs: readonly T[], { condConsts, bodyConsts }: WhileParams): readonly [readonly T[], readonly T[], readonly T[]] => [
  xs.slice(0, condConsts),
  xs.slice(condConsts, condConsts + bodyConsts),
  xs.slice(condConsts + bodyConsts),
]

const fixedPoint = (start: ActiveMask, step: (m: ActiveMask) => ActiveMask): ActiveMask => {
  let mask = start
  for (;;) {
    const next = either(mask, step(mask))
    if (next.every((m, i) => m === mask[i])) return mask
    mask = next
  }
}

const count = (m: ActiveMask): number => m.filter(Boolean).length

const whileJvp = (
  inputs: readonly Tensor[],
  tangents: readonly Maybe[],
  params: WhileParams,
): readonly [readonly Tensor[], readonly Maybe[]] => {
  const { cond, body, condConsts, bodyConsts } = params
  const [cc, bc, carry] = split(inputs, params)
  const [, dbc, dcarry] = split(tangents, params)
  const aC = present(dbc)
  const derive = (m: ActiveMask) => jvpProgram(body, [...aC, ...m], m)
  const aR = fixedPoint(present(dcarry), (m) => derive(m).outActive)
  const d = derive(aR)
  // Of [captures, consts, carry, dconsts, dcarry] make [captures, consts, dconsts, carry, dcarry].
  const nCap = d.captures.length
  const [nC, nR, nDC, nDR] = [bodyConsts, carry.length, count(aC), count(aR)]
  const at = (from: number, n: number): number[] => range(n).map((i) => from + i)
  const order = [...at(0, nCap + nC), ...at(nCap + nC + nR, nDC), ...at(nCap + nC, nR), ...at(nCap + nC + nR + nDC, nDR)]
  // The condition may be one that has such inputs already: of a derivative that is differentiated again.
  const least = Math.min(0, ...cond.inputs.map((v) => v.id))
  const unused = pick(avalsOf(cond.inputs.slice(condConsts)), aR).map((a, i): Var => ({ kind: 'var', id: least - 1 - i, aval: a }))
  const outs = bindAll(
    whileP,
    [
      ...cc,
      ...d.captures,
      ...bc,
      ...pick(dbc, aC).map((t) => t!),
      ...carry,
      ...pick(
        dcarry.map((t, i) => instantiate(t, carry[i]!.aval)),
        aR,
      ),
    ],
    {
      cond: { ...cond, inputs: [...cond.inputs, ...unused] },
      body: rearrange(d.program, order, range(d.program.outputs.length)),
      condConsts,
      bodyConsts: nCap + nC + nDC,
    },
  )
  return [outs.slice(0, nR), place(outs.slice(nR), aR)]
}

const untransposable = {
  why: 'needs the number of iterations to be known, to keep what each one computes',
  instead: 'foriLoop with number bounds, or scan',
} as const

/** Applies `body` while `cond` holds. */
export const whileP: Primitive<WhileParams> = {
  name: 'while',
  shape: (_, { body }) => avalsOf(body.outputs),
  linear: {
    kind: 'structured',
    jvp: whileJvp,
    untransposable,
    forward: () =>
      fail(TraceError, `whileLoop: reverse mode ${untransposable.why}`, {
        fix: `${untransposable.instead}; or forward mode: jvp, jacfwd`,
      }),
  },
  batch: (inputs, batched, params, size, axisName) => {
    const { cond, body } = params
    const [cc, bc, carry] = split(inputs, params)
    const [fcc, fbc, fcarry] = split(batched, params)
    const testBatched = (m: ActiveMask): boolean => batchProgram(cond, [...fcc, ...m], size, axisName).outBatched[0]!
    const bR = fixedPoint(fcarry, (m) =>
      testBatched(m) ? m.map(() => true) : batchProgram(body, [...fbc, ...m], size, axisName, m).outBatched,
    )
    const each = testBatched(bR)
    const test = batchProgram(cond, [...fcc, ...bR], size, axisName)
    const step = batchProgram(body, [...fbc, ...bR], size, axisName, bR)
    const start = carry.map((x, i) => (bR[i] && !fcarry[i] ? repeat(x, size) : x))
    if (!each) {
      const outputs = bindAll(whileP, [...test.captures, ...cc, ...step.captures, ...bc, ...start], {
        cond: test.program,
        body: step.program,
        condConsts: test.captures.length + cc.length,
        bodyConsts: step.captures.length + bc.length,
      })
      return { outputs, batched: bR }
    }
    // Examples stop at different times: go on while any does, and keep the state of those that have stopped.
    const avals = start.map((x) => x.aval)
    const nT = test.captures.length + cc.length
    const nS = step.captures.length + bc.length
    const any = trace('vmap', (xs) => [reduceMax(interpret(test.program, xs)[0]!, [0])], [
      ...avalsOf(test.program.inputs.slice(0, nT)),
      ...avals,
    ])
    const advance = trace(
      'vmap',
      (xs) => {
        const state = xs.slice(nT + nS)
        const goes = interpret(test.program, [...xs.slice(0, nT), ...state])[0]!
        const next = interpret(step.program, [...xs.slice(nT, nT + nS), ...state])
        return next.map((y, i) => select(broadcast(goes, y.shape, [0]), y, state[i]!))
      },
      [...avalsOf(test.program.inputs.slice(0, nT)), ...avalsOf(step.program.inputs.slice(0, nS)), ...avals],
    )
    const tests = [...test.captures, ...cc]
    return bindAll(whileP, [...any.captures, ...tests, ...advance.captures, ...tests, ...step.captures, ...bc, ...start], {
      cond: any.program,
      body: advance.program,
      condConsts: any.captures.length + nT,
      bodyConsts: advance.captures.length + nT + nS,
    })
  },
  lower: { kind: 'control', form: ({ cond, body, condConsts, bodyConsts }) => ({ kind: 'while', cond, body, condConsts, bodyConsts }) },
}

/**
 * Applies `body` to the state as long as `condition` holds of it. Shapes and dtypes of the state stay the same.
 * Differentiable in forward mode; for reverse mode use `foriLoop` with number bounds or `scan`.
 *
 * @throws TreeError or ShapeError when `body` changes the state's structure, shapes or dtypes
 * @example
 * whileLoop((x) => np.less(x, 100), (x) => np.mul(x, 1.5), 1)
 */
export const whileLoop = <S>(
  condition: (state: Lifted<S>) => Tensor | boolean,
  body: (state: Lifted<S>) => NoInfer<S> | Lifted<S>,
  init: S,
): Lifted<S> => {
  checkFunction('whileLoop', condition, 'condition')
  checkFunction('whileLoop', body, 'body')
  const { leaves, structure } = flattenLifted(init)
  const flatBody = onLeaves((s: S): unknown => body(s as unknown as Lifted<S>), structure, 'whileLoop', flattenLifted)
  const { traced, carry } = settleCarry('whileLoop', leaves, structure, 0, (avals) => {
    const t = trace('whileLoop', flatBody.call, avals)
    return { traced: t, structure: flatBody.structure() }
  })
  const avals = carry.map((x) => x.aval)
  const test = trace(
    'whileLoop',
    onLeaves((s: S): unknown => condition(s as unknown as Lifted<S>), structure, 'whileLoop', flattenLifted).call,
    avals,
  )
  const verdict = test.program.outputs
  if (verdict.length !== 1 || verdict[0]!.aval.shape.length !== 0 || !isBool(verdict[0]!.aval.dtype))
    fail(ShapeError, 'whileLoop: the condition must return one bool scalar', {
      args: Object.fromEntries(verdict.map((v, i) => [`returned${i}`, v.aval])),
      fix: 'np.all or np.any of it',
    })
  const outs = bindAll(whileP, [...test.captures, ...traced.captures, ...carry], {
    cond: test.program,
    body: traced.program,
    condConsts: test.captures.length,
    bodyConsts: traced.captures.length,
  })
  return flatBody.result(outs) as Lifted<S>
}
