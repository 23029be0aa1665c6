/** Push and pull of one primitive, derived from its one declaration. */
import type { Aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { TransposeContext, Maybe } from '../ir/linear.js'
import { OUT } from '../ir/linear.js'
import { add, mul, neg } from '../prim/arithmetic.js'
import type { Application } from './application.js'
import { foldBackward } from './application.js'
import { recordLinear } from './recordLinear.js'
import { instantiate, zeros } from './zeros.js'

const accumulate = (a: Maybe, b: Maybe): Maybe => (a === null ? b : b === null ? a : add(a, b))

/** `x` scaled by a partial derivative of an elementwise application. */
const scaled = (a: Application, k: number, x: Tensor): Maybe => {
  const { linear } = a.prim
  const p = linear.kind === 'elementwise' ? linear.partials[k]! : 0
  if (p === 0) return null
  if (p === 1) return x
  if (p === -1) return neg(x)
  const n = a.ins.length
  return mul(
    x,
    p.d(
      p.needs.map((j) => a.saved[j === OUT ? n : j]!),
      a.params,
    ),
  )
}

const split = (a: Application): readonly [readonly Tensor[], readonly Tensor[]] => {
  const values = a.saved as readonly Tensor[]
  return [values.slice(0, a.ins.length), values.slice(a.ins.length)]
}

const nothing = (x: readonly Maybe[]): boolean => {
  for (let i = 0; i < x.length; i++) if (x[i] !== null) return false
  return true
}

/** Output tangents of an application for input tangents. */
export const push = (a: Application, tangents: readonly Maybe[]): readonly Maybe[] => {
  if (nothing(tangents)) return a.outs.map(() => null)
  const { prim, params } = a
  const { linear } = prim
  switch (linear.kind) {
    case 'zero':
      return a.outs.map(() => null)
    case 'elementwise': {
      let dy: Maybe = null
      for (let k = 0; k < tangents.length; k++) {
        const dx = tangents[k]!
        if (dx !== null && a.active[k]) dy = accumulate(dy, scaled(a, k, dx))
      }
      return [dy]
    }
    case 'linear': {
      const inputs = a.ins.map((v, k) => {
        if (linear.args !== undefined && !linear.args.includes(k)) return a.saved[k]!
        return tangents[k] ?? zeros(v)
      })
      return bindAll(prim, inputs, params)
    }
    case 'multilinear': {
      let dy: Maybe = null
      for (let k = 0; k < tangents.length; k++) {
        const dx = tangents[k]!
        if (dx !== null)
          dy = accumulate(
            dy,
            bindAll(
              prim,
              a.saved.map((x, j) => (j === k ? dx : x!)),
              params,
            )[0]!,
          )
      }
      return [dy]
    }
    case 'push': {
      const [inputs, outputs] = split(a)
      return linear.push(inputs, outputs, tangents, params)
    }
    case 'pull': {
      const [inputs, outputs] = split(a)
      const carried = a.ins.map((_, k) => k).filter((k) => a.active[k])
      const pullBack = (cys: readonly Tensor[]): readonly Tensor[] => {
        const cxs = linear.pull(inputs, outputs, cys, params)
        return carried.map((k) => cxs[k] ?? zeros(a.ins[k]!))
      }
      return transposeOf(`the pull of ${prim.name}`, pullBack, a.outs)(carried.map((k) => tangents[k] ?? zeros(a.ins[k]!)))
    }
    case 'structured':
      return a.map!.push(a.saved as readonly Tensor[], tangents)
  }
}

/** Input cotangents of an application for output cotangents; `null` for inputs that carry no derivative. */
export const pull = (a: Application, cotangents: readonly Maybe[]): readonly Maybe[] => {
  if (nothing(cotangents)) return a.ins.map(() => null)
  const { prim, params } = a
  const { linear } = prim
  switch (linear.kind) {
    case 'zero':
      return a.ins.map(() => null)
    case 'elementwise':
      return a.ins.map((_, k) => (a.active[k] ? scaled(a, k, cotangents[0]!) : null))
    case 'linear':
      return linear.transpose(cotangents, a, params)
    case 'multilinear':
      return a.ins.map((_, k) => (a.active[k] ? linear.transpose[k]!(cotangents[0]!, a satisfies TransposeContext, params) : null))
    case 'push': {
      const [inputs, outputs] = split(a)
      const carried = a.ins.map((_, k) => k).filter((k) => a.active[k])
      const live = a.outs.map((_, i) => i).filter((i) => cotangents[i] !== null)
      const pushForward = (dxs: readonly Tensor[]): readonly Tensor[] => {
        const tangents = new Array<Maybe>(a.ins.length).fill(null)
        carried.forEach((k, i) => {
          tangents[k] = dxs[i]!
        })
        const dys = linear.push(inputs, outputs, tangents, params)
        return live.map((i) => dys[i] ?? zeros(a.outs[i]!))
      }
      const cxs = transposeOf(
        `the push of ${prim.name}`,
        pushForward,
        carried.map((k) => a.ins[k]!),
      )(live.map((i) => cotangents[i]!))
      const result = new Array<Maybe>(a.ins.length).fill(null)
      carried.forEach((k, i) => {
        result[k] = cxs[i]!
      })
      return result
    }
    case 'pull': {
      const [inputs, outputs] = split(a)
      const cxs = linear.pull(inputs, outputs, cotangents, params)
      return cxs.map((c, k) => (a.active[k] ? c : null))
    }
    case 'structured':
      return a.map!.pull(a.saved as readonly Tensor[], cotangents)
  }
}

/** The transpose of `f` as a function from output cotangents to input cotangents. */
export const transposeOf = (
  what: string,
  f: (args: readonly Tensor[]) => readonly Tensor[],
  avals: readonly Aval[],
): ((cotangents: readonly Maybe[]) => readonly Tensor[]) => {
  const tape = recordLinear(what, f, avals)
  return (cotangents) => foldBackward(tape, pull, cotangents).map((c, i) => instantiate(c, avals[i]!))
}
