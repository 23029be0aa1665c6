/** The primitive behind `scan`: a Program applied along a leading axis, carrying state. */
import type { Aval } from '../core/aval.js'
import { aval } from '../core/aval.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Maybe } from '../ir/linear.js'
import type { Params, Primitive } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import { trace } from '../ir/trace.js'
import { add } from '../prim/arithmetic.js'
import { transpose } from '../prim/structure.js'
import { repeat } from '../transforms/batch.js'
import type { ActiveMask } from '../transforms/programs.js'
import {
  avalsOf,
  batchProgram,
  either,
  instantiateAll,
  jvpProgram,
  pick,
  place,
  present,
  rearrange,
  recordProgram,
} from '../transforms/programs.js'
import { pull, push } from '../transforms/tape.js'
import { instantiate, zeros } from '../transforms/zeros.js'

/**
 * Parameters of `scan`. Inputs `[consts, carry, xs]`, where every `x` has a leading axis of `length`;
 * `body: [consts, carry, x] -> [carry, y]`; outputs `[carry, ys]`, every `y` stacked along a leading axis.
 */
export interface ScanParams extends Params {
  readonly body: Program
  readonly length: number
  readonly reverse: boolean
  readonly consts: number
  readonly carry: number
}

/** A list cut into parts of given sizes; one more part takes the rest. */
const cut = <T, const N extends readonly number[]>(xs: readonly T[], ...sizes: N): [...{ [K in keyof N]: T[] }, T[]] => {
  let at = 0
  const parts = sizes.map((n) => xs.slice(at, (at += n)))
  return [...parts, xs.slice(at)] as unknown as [...{ [K in keyof N]: T[] }, T[]]
}

const stackedAval = (a: Aval, length: number): Aval => aval([length, ...a.shape], a.dtype, a.weak)

/** The carried values that become active (or batched) once those in `start` are: a fixed point over the body. */
const spread = (start: ActiveMask, step: (carry: ActiveMask) => ActiveMask): ActiveMask => {
  let mask = start
  for (;;) {
    const next = either(mask, step(mask))
    if (next.every((m, i) => m === mask[i])) return mask
    mask = next
  }
}

const swap = (x: Tensor): Tensor => transpose(x, [1, 0, ...range(x.ndim).slice(2)])

/** Forward mode: one scan whose state and inputs carry their tangents. */
const scanJvp = (
  inputs: readonly Tensor[],
  tangents: readonly Maybe[],
  params: ScanParams,
): readonly [readonly Tensor[], readonly Maybe[]] => {
  const { body, length, reverse, consts, carry } = params
  const xs = inputs.length - consts - carry
  const ys = body.outputs.length - carry
  const [aC, aR0, aX] = cut(present(tangents), consts, carry)
  const noForce = range(ys).map(() => false)
  const derive = (aR: ActiveMask) => jvpProgram(body, [...aC, ...aR, ...aX], [...aR, ...noForce])
  const aR = spread(aR0, (m) => derive(m).outActive.slice(0, carry))
  const d = derive(aR)
  const aY = d.outActive.slice(carry)
  const dxs = inputs.map((x, i) => tangents[i] ?? (i >= consts && i < consts + carry && aR[i - consts] ? zeros(x.aval) : null))

  // Of [captures, consts, carry, xs, dconsts, dcarry, dxs] make [captures, consts, dconsts, carry, dcarry, xs, dxs].
  const places = range(d.program.inputs.length)
  const count = (m: ActiveMask): number => m.filter(Boolean).length
  const [iCap, iC, iR, iX, iDC, iDR, iDX] = cut(places, d.captures.length, consts, carry, xs, count(aC), count(aR))
  const [oR, oY, oDR, oDY] = cut(range(d.program.outputs.length), carry, ys, count(aR))
  const program = rearrange(d.program, [...iCap, ...iC, ...iDC, ...iR, ...iDR, ...iX, ...iDX], [...oR, ...oDR, ...oY, ...oDY])
  const [c, r, x] = cut(inputs, consts, carry)
  const [dc, dr, dx] = cut(dxs, consts, carry)
  const given = (ts: readonly Maybe[]): Tensor[] => ts.filter((t) => t !== null)
  const outs = bindAll(scanP, [...d.captures, ...c, ...given(dc), ...r, ...given(dr), ...x, ...given(dx)], {
    body: program,
    length,
    reverse,
    consts: d.captures.length + consts + count(aC),
    carry: carry + count(aR),
  })
  const [outR, outDR, outY, outDY] = cut(outs, carry, count(aR), ys)
  return [
    [...outR, ...outY],
    [...place(outDR, aR), ...place(outDY, aY)],
  ]
}

/** Reverse mode: a scan that also stacks what each step keeps, and a scan the other way that pulls. */
const scanForward = (inputs: readonly Tensor[], active: ActiveMask, params: ScanParams) => {
  const { body, length, reverse, consts, carry } = params
  const ys = body.outputs.length - carry
  const [aC, aR0, aX] = cut(active, consts, carry)
  const aR = spread(aR0, (m) => recordProgram(body, [...aC, ...m, ...aX]).outActive.slice(0, carry))
  const mask = [...aC, ...aR, ...aX]
  const r = recordProgram(body, mask)
  const aY = r.outActive.slice(carry)

  // A residual that is a constant of the loop is kept once, the others are stacked.
  const nCap = r.captures.length
  const constants = r.program.inputs.slice(0, nCap + consts)
  const residualAtoms = r.program.outputs.slice(carry + ys)
  const invariant = residualAtoms.map((a) => (a.kind === 'var' ? constants.indexOf(a) : -1))
  const isInvariant = invariant.map((k) => k >= 0)
  const isStacked = isInvariant.map((b) => !b)
  const program: Program = { ...r.program, outputs: [...r.program.outputs.slice(0, carry + ys), ...pick(residualAtoms, isStacked)] }
  const outs = bindAll(scanP, [...r.captures, ...inputs], { body: program, length, reverse, consts: nCap + consts, carry })
  const held = [...r.captures, ...inputs]
  const kept = pick(invariant, isInvariant).map((k) => held[k]!)
  const nHeld = kept.length
  const nStacked = isStacked.filter(Boolean).length

  const residualsOf = (held_: readonly Tensor[], stacked: readonly Tensor[]): Tensor[] => {
    const h = place(held_, isInvariant)
    const s = place(stacked, isStacked)
    return r.residuals.map((_, i) => h[i] ?? s[i]!)
  }
  const residualAvals = (m: ActiveMask): readonly Aval[] => pick(r.residuals, m)
  const bodyIns = avalsOf(body.inputs)
  const bodyOuts = avalsOf(body.outputs)
  const [inC, inR, inX] = cut(bodyIns, consts, carry)
  const [outR, outY] = cut(bodyOuts, carry)
  const [cC, cR, cX, cY] = [pick(inC, aC), pick(inR, aR), pick(inX, aX), pick(outY, aY)]

  /** `[held, sums over consts, carry cotangents, stacked residuals, y cotangents] -> [sums, carry cotangents, x cotangents]` */
  const pullBody = (leaves: readonly Tensor[]): readonly Tensor[] => {
    const [h, sums, cr, s, cy] = cut(leaves, nHeld, cC.length, cR.length, nStacked)
    const seeds = [...place(cr, aR), ...place(cy, aY)]
    const cts = pull(r.tape(residualsOf(h, s)), seeds)
    const [dC, dR, dX] = cut(cts, cC.length, cR.length)
    return [
      ...dC.map((c, i) => (c === null ? sums[i]! : add(sums[i]!, c))),
      ...dR.map((c, i) => instantiate(c, cR[i]!)),
      ...dX.map((c, i) => instantiate(c, cX[i]!)),
    ]
  }
  /** `[held, const tangents, carry tangents, stacked residuals, x tangents] -> [carry tangents, y tangents]` */
  const pushBody = (leaves: readonly Tensor[]): readonly Tensor[] => {
    const [h, dc, dr, s, dx] = cut(leaves, nHeld, cC.length, cR.length, nStacked)
    const dys = push(r.tape(residualsOf(h, s)), [...dc, ...dr, ...dx])
    return [...instantiateAll(dys.slice(0, carry), outR, aR), ...instantiateAll(dys.slice(carry), outY, aY)]
  }

  return {
    outputs: outs.slice(0, carry + ys),
    saved: [...kept, ...outs.slice(carry + ys)],
    map: {
      pull: (saved: readonly Tensor[], cotangents: readonly Maybe[]): readonly Maybe[] => {
        const [h, s] = cut(saved, nHeld)
        const [cr, cy] = cut(cotangents, carry)
        const fold = trace('grad', pullBody, [...residualAvals(isInvariant), ...cC, ...cR, ...residualAvals(isStacked), ...cY])
        const result = bindAll(
          scanP,
          [
            ...fold.captures,
            ...h,
            ...cC.map(zeros),
            ...instantiateAll(cr, outR, aR),
            ...s,
            ...instantiateAll(
              cy,
              outY.map((a) => stackedAval(a, length)),
              aY,
            ),
          ],
          { body: fold.program, length, reverse: !reverse, consts: fold.captures.length + nHeld, carry: cC.length + cR.length },
        )
        const [sums, r0, cx] = cut(result, cC.length, cR.length)
        return [...place(sums, aC), ...place(r0, aR).map((c, i) => (aR0[i] ? c : null)), ...place(cx, aX)]
      },
      push: (saved: readonly Tensor[], tangents: readonly Maybe[]): readonly Maybe[] => {
        const [h, s] = cut(saved, nHeld)
        const [dc, dr, dx] = cut(tangents, consts, carry)
        const fold = trace('linearize', pushBody, [...residualAvals(isInvariant), ...cC, ...cR, ...residualAvals(isStacked), ...cX])
        const result = bindAll(
          scanP,
          [
            ...fold.captures,
            ...h,
            ...instantiateAll(dc, inC, aC),
            ...instantiateAll(dr, inR, aR),
            ...s,
            ...instantiateAll(
              dx,
              inX.map((a) => stackedAval(a, length)),
              aX,
            ),
          ],
          { body: fold.program, length, reverse, consts: fold.captures.length + nHeld + cC.length, carry: cR.length },
        )
        const [dR, dY] = cut(result, cR.length)
        return [...place(dR, aR), ...place(dY, aY)]
      },
    },
  }
}

/** `body` applied `length` times, carrying state. */
export const scanP: Primitive<ScanParams> = {
  name: 'scan',
  shape: (_, { body, length, carry }) => body.outputs.map((v, i) => (i < carry ? v.aval : stackedAval(v.aval, length))),
  linear: { kind: 'structured', jvp: scanJvp, forward: scanForward },
  batch: (inputs, batched, params, size, axisName) => {
    const { body, length, reverse, consts, carry } = params
    const [bC, bR0, bX] = cut(batched, consts, carry)
    const noForce = body.outputs.slice(carry).map(() => false)
    const derive = (bR: ActiveMask) => batchProgram(body, [...bC, ...bR, ...bX], size, axisName, [...bR, ...noForce])
    const bR = spread(bR0, (m) => derive(m).outBatched.slice(0, carry))
    const b = derive(bR)
    const [c, r, x] = cut(inputs, consts, carry)
    const outs = bindAll(
      scanP,
      [...b.captures, ...c, ...r.map((t, i) => (bR[i] && !bR0[i] ? repeat(t, size) : t)), ...x.map((t, i) => (bX[i] ? swap(t) : t))],
      { body: b.program, length, reverse, consts: b.captures.length + consts, carry },
    )
    return { outputs: outs.map((y, i) => (i >= carry && b.outBatched[i] ? swap(y) : y)), batched: b.outBatched }
  },
  lower: { kind: 'control', form: ({ body, length, reverse, consts, carry }) => ({ kind: 'scan', body, length, reverse, consts, carry }) },
}
