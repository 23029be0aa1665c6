/** Choosing between functions by a value known only when the Program runs. */
import { callable, check, flag, listOf, whole } from '../core/check.js'
import { fail, ShapeError, DTypeError, TreeError } from '../core/errors.js'
import { indexType, isBool, isInteger } from '../core/dtype.js'
import { isTensor, scalar, type Tensor } from '../core/tensor.js'
import { showAval } from '../core/showAval.js'
import { bindAll } from '../ir/bind.js'
import type { Maybe } from '../ir/linear.js'
import type { Params, Primitive } from '../ir/primitive.js'
import { interpret } from '../ir/interpret.js'
import type { Program } from '../ir/program.js'
import { trace } from '../ir/trace.js'
import { le } from '../prim/comparison.js'
import { cast, select } from '../prim/select.js'
import { broadcast, full } from '../prim/structure.js'
import { checkSame } from '../tree/tree.js'
import type { Args, FlatFunction, Lifted } from '../transforms/flat.js'
import { checkFunction, flattenLifted, flattenTensors, onLeaves } from '../transforms/flat.js'
import { repeat } from '../transforms/batch.js'
import type { ActiveMask } from '../transforms/programs.js'
import { avalsOf, batchProgram, either, jvpProgram, pick, place, present, recordProgram, unify } from '../transforms/programs.js'
import { pull, push } from '../transforms/tape.js'
import { instantiate, zeros } from '../transforms/zeros.js'

/** Parameters of `cond`. Inputs `[index, operands]`; the branch at `index` (clamped) is applied to the operands. */
export interface CondParams extends Params {
  readonly branches: readonly Program[]
}

const applyBranches = (traced: Parameters<typeof unify>[0], index: Tensor, operands: readonly Tensor[]): readonly Tensor[] => {
  const { programs, captures } = unify(traced)
  return bindAll(condP, [index, ...captures, ...operands], { branches: programs })
}

const union = (masks: readonly ActiveMask[]): ActiveMask => masks.reduce(either)

const condJvp = (
  inputs: readonly Tensor[],
  tangents: readonly Maybe[],
  { branches }: CondParams,
): readonly [readonly Tensor[], readonly Maybe[]] => {
  const active = present(tangents).slice(1)
  const force = union(branches.map((b) => jvpProgram(b, active).outActive))
  const dxs = pick(tangents.slice(1), active).map((t) => t!)
  const outs = applyBranches(
    branches.map((b) => jvpProgram(b, active, force)),
    inputs[0]!,
    [...inputs.slice(1), ...dxs],
  )
  const n = branches[0]!.outputs.length
  return [outs.slice(0, n), place(outs.slice(n), force)]
}

/** Every branch returns the residuals of all branches, its own computed and the others zero. */
const condForward = (inputs: readonly Tensor[], activeAll: ActiveMask, { branches }: CondParams) => {
  const active = activeAll.slice(1)
  const index = inputs[0]!
  const recorded = branches.map((b) => recordProgram(b, active))
  const outActive = union(recorded.map((r) => r.outActive))
  const residuals = recorded.flatMap((r) => r.residuals)
  const starts = recorded.map((_, k) => recorded.slice(0, k).reduce((n, r) => n + r.residuals.length, 0))
  const outs = avalsOf(branches[0]!.outputs)
  const ins = avalsOf(branches[0]!.inputs)
  const n = outs.length
  const widened = recorded.map((r, k) => {
    const closed = trace(
      'grad',
      (leaves) => {
        const results = interpret(r.program, [...r.captures, ...leaves])
        const own = results.slice(n)
        return [...results.slice(0, n), ...residuals.map((a, i) => own[i - starts[k]!] ?? zeros(a))]
      },
      ins,
    )
    return closed
  })
  const own = (leaves: readonly Tensor[], k: number): readonly Tensor[] =>
    leaves.slice(starts[k], starts[k]! + recorded[k]!.residuals.length)
  const results = applyBranches(widened, index, inputs.slice(1))
  return {
    outputs: results.slice(0, n),
    saved: [index, ...results.slice(n)],
    map: {
      pull: (saved: readonly Tensor[], cotangents: readonly Maybe[]): readonly Maybe[] => {
        const live = present(cotangents)
        const carried = pick(ins, active)
        const folds = recorded.map((r, k) =>
          trace(
            'grad',
            (leaves) => {
              const cts = place(leaves.slice(residuals.length), live)
              return pull(r.tape(own(leaves, k)), cts).map((c, i) => instantiate(c, carried[i]!))
            },
            [...residuals, ...pick(outs, live)],
          ),
        )
        const cxs = applyBranches(folds, saved[0]!, [...saved.slice(1), ...pick(cotangents, live).map((c) => c!)])
        return [null, ...place(cxs, active)]
      },
      push: (saved: readonly Tensor[], tangents: readonly Maybe[]): readonly Maybe[] => {
        const carried = pick(ins, active)
        const dxs = pick(tangents.slice(1), active).map((t, i) => instantiate(t, carried[i]!))
        const folds = recorded.map((r, k) =>
          trace(
            'linearize',
            (leaves) =>
              pick(
                push(r.tape(own(leaves, k)), leaves.slice(residuals.length)).map((t, i) => instantiate(t, outs[i]!)),
                outActive,
              ),
            [...residuals, ...carried],
          ),
        )
        return place(applyBranches(folds, saved[0]!, [...saved.slice(1), ...dxs]), outActive)
      },
    },
  }
}

/** Applies one of several programs. */
export const condP: Primitive<CondParams> = {
  name: 'cond',
  shape: (_, { branches }) => avalsOf(branches[0]!.outputs),
  linear: { kind: 'structured', jvp: condJvp, forward: condForward },
  batch: (inputs, batched, { branches }, size, axisName) => {
    const [index, ...operands] = inputs
    const flags = batched.slice(1)
    if (!batched[0]) {
      const force = union(branches.map((b) => batchProgram(b, flags, size, axisName).outBatched))
      const outputs = applyBranches(
        branches.map((b) => batchProgram(b, flags, size, axisName, force)),
        index!,
        operands,
      )
      return { outputs, batched: force }
    }
    // Each example takes its own branch: all branches are computed and each example selects.
    const all = branches.map((b) => {
      const { program, captures, outBatched } = batchProgram(b, flags, size, axisName)
      return interpret(program, [...captures, ...operands]).map((y, i) => (outBatched[i] ? y : repeat(y, size)))
    })
    return all
      .slice(0, -1)
      .reduceRight<readonly Tensor[]>(
        (rest, outs, k) => outs.map((y, i) => select(broadcast(le(index!, full([size], k, 'int32', false)), y.shape, [0]), y, rest[i]!)),
        all[all.length - 1]!,
      )
  },
  lower: { kind: 'control', form: ({ branches }) => ({ kind: 'cond', branches }) },
}

const branchFunction = (
  name: string,
  branches: readonly ((...args: Args) => unknown)[],
  index: Tensor,
  args: Args,
  called: (k: number) => string = (k) => `branch ${k}`,
): unknown => {
  const { leaves, structure } = flattenTensors<Args>([...args])
  const flats = branches.map((f): FlatFunction<unknown> => onLeaves((tree: Args) => f(...tree), structure, name, flattenLifted))
  const avals = leaves.map((x) => x.aval)
  const traced = flats.map((flat) => trace(name, flat.call, avals))
  traced.forEach(({ program }, k) => {
    checkSame(`${name}: ${called(0)} and ${called(k)}`, flats[0]!.structure(), flats[k]!.structure())
    program.outputs.forEach((v, i) => {
      const first = traced[0]!.program.outputs[i]!.aval
      if (v.aval.dtype !== first.dtype || showAval(v.aval).replace('*', '') !== showAval(first).replace('*', ''))
        fail(TreeError, `${name}: branches return different values at leaf ${i}`, {
          args: { [called(0)]: first, [called(k)]: v.aval },
          fix: 'the same shapes and dtypes from all branches',
        })
    })
  })
  return flats[0]!.result(applyBranches(traced, index, leaves))
}

const scalarIndex = (name: string, what: string, index: Tensor | number | boolean): Tensor => {
  if (!isTensor(index)) check(name, what, name === 'cond' ? flag : whole, index)
  const t = isTensor(index) ? index : scalar(Number(index), 'int32', false)
  if (t.ndim !== 0)
    fail(ShapeError, `${name}: the ${what} must be a scalar`, {
      args: { [what]: t.aval },
      fix: 'vmap, or np.where for a choice per element',
    })
  if (isBool(t.dtype)) return cast(t, indexType)
  if (!isInteger(t.dtype))
    fail(DTypeError, `${name}: the ${what} must be bool or integer`, {
      args: { [what]: t.aval },
      fix: 'a comparison, such as np.greater(x, 0)',
    })
  return t.dtype === indexType && !t.aval.weak ? t : cast(t, indexType)
}

/**
 * `onTrue(...operands)` or `onFalse(...operands)`, chosen by a scalar that may be traced. Both are traced, one runs
 * (under `vmap` with a batched predicate both run and each example selects).
 *
 * @throws TreeError when the branches return different trees, shapes or dtypes
 * @example
 * cond(np.greater(np.array(4), 0), np.sqrt, np.neg, np.array(4))   // 2
 */
export const cond = <A extends Args = readonly Tensor[], R = unknown>(
  predicate: Tensor | boolean,
  onTrue: (...operands: A) => R,
  onFalse: (...operands: A) => NoInfer<R>,
  ...operands: A
): Lifted<R> => {
  checkFunction('cond', onTrue, 'onTrue')
  checkFunction('cond', onFalse, 'onFalse')
  return branchFunction('cond', [onFalse, onTrue] as never, scalarIndex('cond', 'predicate', predicate), operands, (k) =>
    k === 0 ? 'onFalse' : 'onTrue',
  ) as Lifted<R>
}

/**
 * The branch at `index`, clamped to the list, applied to the operands.
 *
 * @throws TreeError when the branches return different trees, shapes or dtypes
 * @example
 * switch_(1, [np.sin, np.cos, np.tan], np.array(0))   // 1
 */
export const switch_ = <A extends Args = readonly Tensor[], R = unknown>(
  index: Tensor | number,
  branches: readonly ((...operands: A) => R)[],
  ...operands: A
): Lifted<R> => {
  check('switch_', 'branches', listOf(callable), branches)
  if (branches.length === 0) fail(TreeError, 'switch_: there are no branches', { fix: 'at least one function' })
  return branchFunction('switch_', branches as never, scalarIndex('switch_', 'index', index), operands) as Lifted<R>
}
