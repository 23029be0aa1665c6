/** Copies of a primitive whose linear map is wrong in one place: by a small factor, or by the sign. */
import { mul } from '../../src/prim/arithmetic.js'
import { like } from '../../src/prim/structure.js'
import type { Tensor } from '../../src/core/tensor.js'
import type { LinearMap, Maybe } from '../../src/ir/linear.js'
import type { AnyPrimitive, Params } from '../../src/ir/primitive.js'

/** One broken copy, and what is broken in it. */
export interface Mutant {
  readonly what: string
  readonly prim: AnyPrimitive
}

const times = (factor: number, x: Tensor): Tensor => mul(x, like(x, factor))
const scaled = (factor: number, xs: readonly Maybe[], at: number): readonly Maybe[] =>
  xs.map((x, k) => (k === at && x !== null ? times(factor, x) : x))

const withLinear = (prim: AnyPrimitive, linear: LinearMap<Params>): AnyPrimitive => ({ ...prim, linear })

/** `inputs`: which inputs are floats, for maps that name no inputs. */
const maps = (linear: LinearMap<Params>, factor: number, arity: number): readonly (readonly [string, LinearMap<Params>])[] => {
  const each = Array.from({ length: arity }, (_, k) => k)
  switch (linear.kind) {
    case 'elementwise':
      return linear.partials.flatMap((p, k) => {
        if (p === 0) return []
        const broken =
          typeof p === 'number'
            ? { needs: [k], d: ([x]: readonly Tensor[]) => like(x!, p * factor) }
            : { needs: p.needs, d: (v: readonly Tensor[], q: Params) => times(factor, p.d(v, q)) }
        return [[`partial ${k}`, { ...linear, partials: linear.partials.map((q, j) => (j === k ? broken : q)) }] as const]
      })
    case 'linear':
      return each
        .filter((k) => linear.args === undefined || linear.args.includes(k))
        .map(
          (k) =>
            [`transpose, input ${k}`, { ...linear, transpose: (cys, c, p) => scaled(factor, linear.transpose(cys, c, p), k) }] as const,
        )
    case 'multilinear':
      return linear.transpose.map(
        (t, k) =>
          [
            `transpose ${k}`,
            { ...linear, transpose: linear.transpose.map((u, j) => (j === k ? (cy, c, p) => times(factor, t(cy, c, p)) : u)) },
          ] as const,
      )
    case 'push':
      return [
        ['push', { ...linear, push: (xs, ys, dxs, p) => linear.push(xs, ys, dxs, p).map((d) => (d === null ? null : times(factor, d))) }],
      ]
    case 'pull':
      return each.map(
        (k) => [`pull, input ${k}`, { ...linear, pull: (xs, ys, cys, p) => scaled(factor, linear.pull(xs, ys, cys, p), k) }] as const,
      )
    default:
      return []
  }
}

/** Every way of breaking the linear map of `prim`, which takes `arity` inputs that `isInexact` says carry derivatives, by `factor`. */
export const mutants = (prim: AnyPrimitive, factor: number, arity: number, isInexact: (k: number) => boolean): readonly Mutant[] =>
  maps(prim.linear as LinearMap<Params>, factor, arity)
    .filter(([what]) => {
      const k = /\d+$/.exec(what)
      return k === null || isInexact(Number(k[0]))
    })
    .map(([what, linear]) => ({ what: `${prim.name}, ${what}, times ${factor}`, prim: withLinear(prim, linear) }))
