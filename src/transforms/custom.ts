/** Derivatives given by the user: a function together with its own push or its own pull. */
import type { Aval } from '../core/aval.js'
import { check, record } from '../core/check.js'
import { fail, TraceError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll, isStaging } from '../ir/bind.js'
import { interpret } from '../ir/interpret.js'
import type { Maybe, StructuredMap } from '../ir/linear.js'
import type { Params, Primitive } from '../ir/primitive.js'
import { trace, type Traced } from '../ir/trace.js'
import { reduceSum } from '../prim/structure.js'
import type { Structure } from '../tree/structure.js'
import { listOf } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'
import { batch, repeat } from './batch.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenReturned, flattenTensors, onLeaves } from './flat.js'
import { transposeOf } from './linearMap.js'
import { instantiate } from './zeros.js'

type Leaves = readonly Tensor[]
type Run = (inputs: Leaves) => Leaves

/** A function of leaves over a batch, all of whose outputs get the axis. */
const batched =
  (f: Run, flags: readonly boolean[], size: number, axisName?: string): Run =>
  (xs) => {
    const run = batch('vmap', f, xs, flags, size, axisName)
    return run.outputs.map((y, i) => (run.batched[i] ? y : repeat(y, size)))
  }

/** The closed form of a function to be run later: what it closes over becomes its first inputs. */
const close = (captures: Leaves, { program, captures: own }: Traced): Run => {
  const places = own.map((t) => captures.indexOf(t))
  return (xs) => interpret(program, [...places.map((k) => xs[k]!), ...xs.slice(captures.length)])
}

const shapeOf = (inputs: readonly Aval[], { run }: { readonly run: Run }): readonly Aval[] =>
  trace('custom', run, inputs).program.outputs.map((v) => v.aval)

/** Parameters of `customJvp`; `push` maps `[primals, tangents]` to `[outputs, output tangents]`. */
interface JvpParams extends Params {
  readonly run: Run
  readonly push: Run
}

/** A function with its own push. */
const customJvpP: Primitive<JvpParams> = {
  name: 'customJvp',
  shape: shapeOf,
  linear: {
    kind: 'push',
    push: (inputs, outputs, tangents, { push }) =>
      push([...inputs, ...tangents.map((t, i) => instantiate(t, inputs[i]!.aval))]).slice(outputs.length),
  },
  batch: (inputs, flags, { run, push }, size, axisName) =>
    bindAll(customJvpP, inputs, {
      run: batched(run, flags, size, axisName),
      push: batched(push, [...flags, ...flags], size, axisName),
    }),
  lower: { kind: 'inline', run: (inputs, { run }) => run(inputs) },
}

/**
 * `f` with a derivative given in forward mode; reverse mode is its transpose.
 *
 * @param rule from primals and tangents (tuples, one entry per argument) to `[value, tangent]`; linear in the tangents
 * @example
 * const log1pexp = customJvp((x) => np.log(np.add(1, np.exp(x))), ([x], [dx]) => [nn.softplus(x), np.mul(nn.sigmoid(x), dx)])
 */
export const customJvp = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [R, R],
): ((...args: A) => Differential<R>) => {
  checkFunction('customJvp', f)
  checkFunction('customJvp', rule, 'rule')
  return (...args) => {
    const { leaves, structure } = flattenTensors<Args>([...args])
    const n = leaves.length
    const flat = onLeaves((tree: Args) => f(...(tree as A)), structure, 'customJvp')
    const both = listOf<readonly [Args, Args]>([structure, structure])
    const pushFlat = onLeaves(([primals, tangents]: readonly [Args, Args]) => {
      const result = rule(primals as A, tangents as A)
      if (!Array.isArray(result) || result.length !== 2)
        return fail(ValueError, 'customJvp: the rule must return [value, tangent]', { fix: '([x], [dx]) => [f(x), df(x, dx)]' })
      const value = flattenTensors(result[0])
      return [
        result[0],
        unflatten(
          value.structure,
          flattenReturned(
            'customJvp: the tangent',
            result[1],
            value.structure,
            value.leaves.map((y) => y.aval),
          ),
        ),
      ]
    }, both)
    const run: Run = flat.call
    const push: Run = pushFlat.call
    if (!isStaging()) return flat.result(bindAll(customJvpP, leaves, { run, push })) as Differential<R>
    const avals = leaves.map((x) => x.aval)
    const traced = [trace('customJvp', run, avals), trace('customJvp', push, [...avals, ...avals])] as const
    const captures = [...new Set(traced.flatMap((t) => t.captures))]
    const closedPush = close(captures, traced[1])
    const c = captures.length
    return flat.result(
      bindAll(customJvpP, [...captures, ...leaves], {
        run: close(captures, traced[0]),
        // The rule knows no tangents of what it closes over.
        push: (xs) => closedPush([...xs.slice(0, c + n), ...xs.slice(c + n + c)]),
      }),
    ) as Differential<R>
  }
}

/** Parameters of `customVjp`, on leaves. */
interface VjpParams extends Params {
  readonly run: Run
  /** Number of outputs. */
  readonly outputs: () => number
  /** `inputs -> [outputs, residuals]`. */
  readonly forward: Run
  /** `[residuals, cotangents] -> cotangents of all inputs but the captured ones`. */
  readonly pull: Run
  /** Number of leading inputs that the function closed over; they have no derivative. */
  readonly captures: number
}

const vjpMap = (ins: readonly Aval[], outs: readonly Aval[], { pull, captures }: VjpParams): StructuredMap => {
  const back =
    (saved: Leaves) =>
    (cys: readonly Maybe[]): Leaves =>
      pull([...saved, ...cys.map((c, i) => instantiate(c, outs[i]!))])
  return {
    pull: (saved, cotangents) => [...range(captures).map(() => null), ...back(saved)(cotangents)],
    push: (saved, tangents) =>
      transposeOf(
        'the bwd rule of customVjp',
        back(saved),
        outs,
      )(tangents.slice(captures).map((t, i) => instantiate(t, ins[captures + i]!))),
  }
}

const refuse = (active: readonly boolean[], captures: number, inputs: Leaves): void => {
  const k = active.findIndex((a, i) => a && i < captures)
  if (k >= 0)
    fail(TraceError, 'customVjp: the function closes over a value that is being differentiated', {
      args: { closedOver: inputs[k]!.aval },
      fix: 'pass it as an argument, so that bwd can return its cotangent',
    })
}

/** A function with its own pull. */
const customVjpP: Primitive<VjpParams> = {
  name: 'customVjp',
  shape: shapeOf,
  linear: {
    kind: 'structured',
    jvp: (inputs, tangents, params) => {
      refuse(
        tangents.map((t) => t !== null),
        params.captures,
        inputs,
      )
      const all = params.forward(inputs)
      const n = params.outputs()
      const outputs = all.slice(0, n)
      const map = vjpMap(
        inputs.map((x) => x.aval),
        outputs.map((y) => y.aval),
        params,
      )
      return [outputs, map.push(all.slice(n), tangents)]
    },
    forward: (inputs, active, params) => {
      refuse(active, params.captures, inputs)
      const all = params.forward(inputs)
      const n = params.outputs()
      const outputs = all.slice(0, n)
      return {
        outputs,
        saved: all.slice(n),
        map: vjpMap(
          inputs.map((x) => x.aval),
          outputs.map((y) => y.aval),
          params,
        ),
      }
    },
  },
  batch: (inputs, flags, params, size, axisName) => {
    // Every residual and cotangent gets the axis, so the pull is batched in all its inputs and its results are those of a batch.
    const forward = batched(params.forward, flags, size, axisName)
    const pull: Run = (xs) =>
      batched(
        params.pull,
        xs.map(() => true),
        size,
        axisName,
      )(xs)
    const summed: Run = (xs) => pull(xs).map((c, i) => (flags[params.captures + i] ? c : reduceSum(c, [0])))
    return bindAll(customVjpP, inputs, { ...params, run: batched(params.run, flags, size, axisName), forward, pull: summed })
  },
  lower: { kind: 'inline', run: (inputs, { run }) => run(inputs) },
}

/** Cotangents of `structure` and `avals` from what a bwd rule returned; `null` stands for zeros. */
const cotangentsOf = (returned: unknown, structure: Structure, avals: readonly Aval[]): Leaves => {
  if (!Array.isArray(returned) || returned.length !== structure.children.length)
    return fail(ValueError, `customVjp: bwd must return an array of ${structure.children.length} cotangents, one per argument`, {
      fix: '[cotangent] for one argument; null for an argument without derivative',
    })
  let at = 0
  return structure.children.flatMap((child, k): Leaves => {
    const mine = avals.slice(at, (at += child.count))
    if (returned[k] === null || child.kind === 'static') return mine.map((a) => instantiate(null, a))
    return flattenReturned(`customVjp: the cotangent of argument ${k}`, returned[k], child, mine)
  })
}

/**
 * `f` with a derivative given in reverse mode. Forward mode works too: it is the transpose of `bwd`.
 *
 * @param rules `fwd(...args)` returns `[value, residuals]`; `bwd(residuals, cotangent)` returns an array with one
 *   cotangent (or null) per argument, linear in the cotangent for forward mode and higher orders
 * @throws NonlinearError in forward mode when `bwd` is not linear in the cotangent; TraceError when `f` closes over a value being differentiated
 * @example
 * const clipGrad = customVjp((x) => x, { fwd: (x) => [x, null], bwd: (_, cy) => [np.clip(cy, -1, 1)] })
 */
export const customVjp = <A extends Args = readonly Tensor[], R = unknown, S = unknown>(
  f: (...args: A) => R,
  rules: {
    readonly fwd: (...args: A) => readonly [R, S]
    readonly bwd: (residuals: Differential<S>, cotangent: Differential<R>) => readonly unknown[]
  },
): ((...args: A) => Differential<R>) => {
  checkFunction('customVjp', f)
  check('customVjp', 'rules', record, rules)
  checkFunction('customVjp', rules.fwd, 'fwd')
  checkFunction('customVjp', rules.bwd, 'bwd')
  return (...args) => {
    const { leaves, structure } = flattenTensors<Args>([...args])
    const avals = leaves.map((x) => x.aval)
    const flat = onLeaves((tree: Args) => f(...(tree as A)), structure, 'customVjp')
    const fwdFlat = onLeaves((tree: Args) => {
      const result = rules.fwd(...(tree as A))
      if (!Array.isArray(result) || result.length !== 2)
        return fail(ValueError, 'customVjp: fwd must return [value, residuals]', { fix: '[value, null] when bwd needs nothing' })
      return result
    }, structure)
    const pull: Run = (xs) => {
      const [value, residuals] = fwdFlat.structure().children as readonly [Structure, Structure]
      const rest = unflatten(residuals as Structure<Differential<S>>, xs.slice(0, residuals.count))
      const cotangent = unflatten(value as Structure<Differential<R>>, xs.slice(residuals.count))
      return cotangentsOf(rules.bwd(rest, cotangent), structure, avals)
    }
    const outputs = (): number => fwdFlat.structure().children[0]!.count
    const result = (ys: Leaves): Differential<R> =>
      unflatten((flat.ran() ? flat.structure() : fwdFlat.structure().children[0]!) as Structure<Differential<R>>, ys)
    if (!isStaging()) return result(bindAll(customVjpP, leaves, { run: flat.call, outputs, forward: fwdFlat.call, pull, captures: 0 }))

    const run = trace('customVjp', flat.call, avals)
    const fwd = trace('customVjp', fwdFlat.call, avals)
    const n = outputs()
    const returned = fwd.program.outputs.map((v) => v.aval)
    const bwd = trace('customVjp', pull, [...returned.slice(n), ...returned.slice(0, n)])
    const captures = [...new Set([run, fwd, bwd].flatMap((t) => t.captures))]
    const c = captures.length
    const forward = close(captures, fwd)
    return result(
      bindAll(customVjpP, [...captures, ...leaves], {
        run: close(captures, run),
        outputs: () => n,
        // What bwd closes over travels with the residuals.
        forward: (xs) => {
          const all = forward(xs)
          return [...all.slice(0, n), ...xs.slice(0, c), ...all.slice(n)]
        },
        pull: close(captures, bwd),
        captures: c,
      }),
    )
  }
}
