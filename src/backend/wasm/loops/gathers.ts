/** Gathers: loads at computed positions. A test is a branch where all lanes share it; where lanes differ, those that fail it read the first element. */
import type { DType } from '../../../core/dtype.js'
import type { Value } from '../../../compile/kernels.js'
import { operandsOf } from '../../../kernel/scalar.js'
import type { Body, Ex, Local } from '../code.js'
import { f64x2, i32, i32x4, v128 } from '../instructions.js'
import { select } from '../math/index.js'
import type { V } from '../math/node.js'
import { emit, int, ref } from '../math/node.js'
import type { Frame } from './frame.js'
import { lanesIn, pointerIn } from './frame.js'
import type { Parts } from './lanes.js'
import { bytesOf, constant, loadGroup, ramp, width } from './lanes.js'
import { readAt } from './scalars.js'
import type { LoopSite } from './site.js'
import { lanesAlong, steps, varies } from './site.js'
import { firstElement, partOf, streamKey } from './streams.js'

type Gather = Value & { readonly op: 'gather' }

/** Four elements of a dtype from one address each; lanes from `n` on are not read. */
const fromEach = (b: Body, dtype: DType, addresses: Local<'v128'>, n: number): Parts => {
  const at = (l: number): Ex<'i32'> => i32x4.lane(addresses, l)
  if (dtype === 'float64') {
    const pair = (l: number): V => {
      const low = v128.load64zero(at(l))
      return l + 1 < n ? f64x2.replace(low, 1, readAt(dtype, at(l + 1)) as Ex<'f64'>) : low
    }
    const low = ref(b.let(pair(0)))
    return n > 2 ? [low, ref(b.let(pair(2)))] : [low, low]
  }
  const word = (l: number): Ex<'i32'> => (dtype === 'bool' ? i32.load8u(at(l)) : i32.load(at(l)))
  let x = i32x4.splat(word(0))
  for (let l = 1; l < n; l++) x = i32x4.replace(x, l, word(l))
  return [ref(b.let(dtype === 'bool' ? i32x4.neg(x) : x))]
}

/** The integer that all lanes of a vector share. */
const shared = (b: Body, parts: Parts): Ex<'i32'> => i32x4.lane(emit(b, parts)[0]!, 0)

/** `read` where `when` holds, zeros elsewhere. */
const where = (b: Body, when: Ex<'i32'>, read: () => readonly Parts[]): readonly Parts[] => {
  const groups: (readonly Local<'v128'>[])[] = []
  const zero = emit(b, [int(0)])[0]!
  b.if(
    when,
    () => {
      for (const parts of read()) groups.push(emit(b, parts).map((x) => b.let(x)))
    },
    () => {
      for (const x of groups.flat()) b.set(x, zero)
    },
  )
  return groups.map((parts) => parts.map(ref))
}

/** Value `i` of a kernel; `get` makes its operands. */
export const gathered = (site: LoopSite, f: Frame, v: Gather, i: number, get: (x: number) => readonly Parts[]): readonly Parts[] => {
  const { b } = site
  const access = partOf(v)
  const { stream, lane, group } = steps(site, access)
  const bytes = bytesOf[v.dtype]
  const at = v.at.map(get)
  const test = v.test === undefined ? null : get(v.test)
  const pointer = pointerIn(f, stream)
  const scales = v.scales.map((by) => by * bytes)
  if (!operandsOf<number>(v).some((o) => varies(site, o))) {
    const start = at.reduce<Ex<'i32'>>((p, parts, k) => i32.add(p, i32.mul(shared(b, parts[0]!), i32.const(scales[k]!))), pointer)
    const p = b.let(start)
    const read = (): readonly Parts[] =>
      varies(site, i)
        ? lanesAlong(site, f, access).map((n, g) => loadGroup(b, v.dtype, p, g * group, lane, n))
        : [loadGroup(b, v.dtype, p, 0, 0, width)]
    return test === null ? read() : where(b, shared(b, test[0]!), read)
  }
  const along = site.plan.cross >= 0 && v.strides[site.plan.cross] !== 0 ? lanesIn(f).length : 1
  const groups = site.plan.cross < 0 ? lanesIn(f).length : Math.max(along, test?.length ?? 1, ...at.map((parts) => parts.length))
  const first = test === null ? null : pointerIn(f, site.streams.get(streamKey(firstElement(v)))!)
  return Array.from({ length: groups }, (_, g): Parts => {
    let p = ramp(i32.add(pointer, i32.const(g * group)), lane * bytes)
    at.forEach((parts, k) => {
      p = i32x4.add(p, i32x4.mul(emit(b, parts[g] ?? parts[0]!)[0]!, i32x4.splat(i32.const(scales[k]!))))
    })
    const n = lanesIn(f)[g] ?? width
    if (test === null) return fromEach(b, v.dtype, b.let(p), n)
    const mask = emit(b, test[g] ?? test[0]!)
    const addresses = b.let(v128.bitselect(p, i32x4.splat(first!), mask[0]!))
    return select(b, v.dtype, mask, fromEach(b, v.dtype, addresses, n), constant(0, v.dtype)).map(ref)
  })
}
