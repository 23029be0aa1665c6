/** Convolution in any number of spatial dimensions. Its two gradients are convolutions. */
import type { Aval } from '../core/aval.js'
import { aval, withShape } from '../core/aval.js'
import { isBool } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { LoopNest } from '../kernel/loop.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import type { Slide } from './sliding.js'
import { allOf, axisName, checkCounts, checkPadding, guarded, spread, windowCount } from './sliding.js'
import { full, reshape, reverse, transpose } from './structure.js'

/** One entry per spatial axis. Padding is `[before, after]`, after `lhsDilation` has spread the input; it may be negative. */
export type ConvParams = {
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly lhsDilation: readonly number[]
  readonly rhsDilation: readonly number[]
  readonly groups: number
}

/**
 * Cross-correlation, as every learning library calls convolution:
 * `y[n,o,p...] = sum over c,k... of x[n, c, p*stride + k*dilation - before] * w[o,c,k...]`, zero outside `x`.
 *
 * shapes: `x[N, C, spatial...] w[O, C/groups, window...] -> [N, O, out...]`
 *
 * @throws ShapeError when channels do not fit or no window fits; DTypeError for different dtypes or bool.
 */
export const conv = (x: Tensor, w: Tensor, p: ConvParams): Tensor => bind(convP, [x, w], p)

const spatialAxes = (ndim: number): readonly number[] => range(ndim - 2).map((k) => k + 2)

/** Axis `axis` of `x` split into `[count, n / count]`. */
const split = (x: Tensor, axis: number, count: number): Tensor =>
  reshape(x, [...x.shape.slice(0, axis), count, x.shape[axis]! / count, ...x.shape.slice(axis + 1)])

/** Axes `axis` and `axis + 1` of `x` joined into one. */
const join = (x: Tensor, axis: number): Tensor =>
  reshape(x, [...x.shape.slice(0, axis), x.shape[axis]! * x.shape[axis + 1]!, ...x.shape.slice(axis + 2)])

/** `x` with axes `a` and `b` exchanged. */
const swap = (x: Tensor, a: number, b: number): Tensor =>
  transpose(
    x,
    range(x.ndim).map((k) => (k === a ? b : k === b ? a : k)),
  )

const outShape = (x: Aval, w: Aval, p: ConvParams): readonly number[] => {
  const args = { x, w }
  const n = x.shape.length - 2
  if (n < 0 || w.shape.length !== x.shape.length)
    fail(ShapeError, `conv: x has ${x.shape.length} axes and w ${w.shape.length}`, {
      args,
      fix: 'x [N, C, spatial...] and w [O, C/groups, spatial...]',
    })
  checkCounts('conv', n, { strides: p.strides, lhsDilation: p.lhsDilation, rhsDilation: p.rhsDilation }, args)
  checkCounts('conv', 1, { groups: [p.groups] }, args)
  checkPadding('conv', n, p.padding, args)
  const channels = x.shape[1]!
  if (channels % p.groups !== 0 || w.shape[0]! % p.groups !== 0)
    fail(ShapeError, `conv: ${channels} channels in and ${w.shape[0]!} out do not divide into ${p.groups} groups`, { args })
  if (w.shape[1] !== channels / p.groups) {
    const share = p.groups === 1 ? `${channels}` : `${channels}/${p.groups} = ${channels / p.groups}`
    fail(ShapeError, `conv: channels differ: ${share} (x axis 1) and ${w.shape[1]!} (w axis 1)`, {
      args,
      fix: `w of shape [${w.shape[0]!}, ${channels / p.groups}, ${w.shape.slice(2).join(', ')}]`,
    })
  }
  const slide = (k: number): Slide => ({
    size: x.shape[k + 2]!,
    window: w.shape[k + 2]!,
    stride: p.strides[k]!,
    padding: p.padding[k]!,
    dilation: p.lhsDilation[k]!,
    windowDilation: p.rhsDilation[k]!,
  })
  return [x.shape[0]!, w.shape[0]!, ...range(n).map((k) => windowCount('conv', axisName(k, n), slide(k), args))]
}

const inner = (a: Aval, batched: boolean): Aval => (batched ? withShape(a, a.shape.slice(1)) : a)

/** `cx`: the spread cotangent convolved with the reversed kernel, its input and output channels exchanged. */
const inputGradient = (cy: Tensor, w: Tensor, x: Aval, p: ConvParams): Tensor => {
  const sizes = range(p.strides.length)
  const turned = join(swap(split(w, 0, p.groups), 1, 2), 0)
  const padding = sizes.map((k): readonly [number, number] => {
    const low = p.padding[k]![0]
    const before = (w.shape[k + 2]! - 1) * p.rhsDilation[k]! - low
    return [before, spread(x.shape[k + 2]!, p.lhsDilation[k]!) + low - spread(cy.shape[k + 2]!, p.strides[k]!)]
  })
  return conv(cy, reverse(turned, spatialAxes(w.ndim)), {
    strides: p.lhsDilation,
    padding,
    lhsDilation: p.strides,
    rhsDilation: p.rhsDilation,
    groups: p.groups,
  })
}

/** `cw`: examples become channels, the spread cotangent becomes the kernel, groups stay groups. */
const kernelGradient = (cy: Tensor, x: Tensor, w: Aval, p: ConvParams): Tensor => {
  const images = join(swap(split(x, 1, p.groups), 0, 2), 1)
  const padding = range(p.strides.length).map((k): readonly [number, number] => {
    const low = p.padding[k]![0]
    const high = spread(w.shape[k + 2]!, p.rhsDilation[k]!) - 1 + spread(cy.shape[k + 2]!, p.strides[k]!)
    return [low, high - spread(x.shape[k + 2]!, p.lhsDilation[k]!) - low]
  })
  const cw = conv(images, swap(cy, 0, 1), {
    strides: p.rhsDilation,
    padding,
    lhsDilation: p.lhsDilation,
    rhsDilation: p.strides,
    groups: p.groups,
  })
  return swap(cw, 0, 1)
}

/** The nest over examples, output channels and positions that sums over the input channels of a group and the window; padding reads 0. */
const windowNest = (x: Aval, w: Aval, out: Aval, p: ConvParams): LoopNest => {
  const { shape, dtype } = out
  const n = shape.length
  const [perGroup, channels] = [shape[1]! / p.groups, w.shape[1]!]
  const group = s.div(s.index(1), s.int(Math.max(perGroup, 1)))
  const tests: Expr[] = []
  const places = p.strides.map((stride, k): Expr => {
    const window = s.mul(s.index(n + 1 + k), s.int(p.rhsDilation[k]!))
    const at = s.add(s.add(s.mul(s.index(2 + k), s.int(stride)), window), s.int(-p.padding[k]![0]))
    const dilation = p.lhsDilation[k]!
    tests.push(s.ge(at, s.int(0)), s.lt(at, s.int(spread(x.shape[2 + k]!, dilation))))
    if (dilation === 1) return at
    tests.push(s.eq(s.rem(at, s.int(dilation)), s.int(0)))
    return s.div(at, s.int(dilation))
  })
  const value = s.load(0, [s.index(0), s.add(s.mul(group, s.int(channels)), s.index(n)), ...places], dtype)
  const weight = s.load(1, [s.index(1), s.index(n), ...range(n - 2).map((k) => s.index(n + 1 + k))], dtype)
  const body = s.mul(guarded(allOf(tests), value, s.like(value, 0)), weight)
  return { kind: 'loops', shape, dtype, reduce: { sizes: w.shape.slice(1), combine: 'add' }, body }
}

/** The primitive of `conv`. */
export const convP: Primitive<ConvParams> = {
  name: 'conv',
  shape: ([x, w], p) => {
    if (x!.dtype !== w!.dtype || isBool(x!.dtype))
      fail(DTypeError, `conv: cannot convolve ${x!.dtype} with ${w!.dtype}`, {
        args: { x: x!, w: w! },
        fix: 'cast both to one number type',
      })
    return [aval(outShape(x!, w!, p), x!.dtype, x!.weak && w!.weak)]
  },
  linear: {
    kind: 'multilinear',
    transpose: [
      (cy, { ins: [x], saved: [, w] }, p) =>
        cy.size === 0 || w!.size === 0 || x!.size === 0 ? full(x!.shape, 0, x!.dtype) : inputGradient(cy, w!, x!, p),
      (cy, { ins: [, w], saved: [x] }, p) =>
        cy.size === 0 || x!.size === 0 || w!.size === 0 ? full(w!.shape, 0, w!.dtype) : kernelGradient(cy, x!, w!, p),
    ],
  },
  batch: ([x, w], [xb, wb], p, size) => {
    if (size === 0) return [full([0, ...outShape(inner(x!.aval, xb!), inner(w!.aval, wb!), p)], 0, x!.dtype)]
    // many inputs, one kernel: more examples
    if (!wb) return [split(conv(join(x!, 0), w!, p), 0, size)]
    // many inputs, many kernels: every pair is a group of its own
    if (xb) {
      const y = conv(join(swap(x!, 0, 1), 1), join(w!, 0), { ...p, groups: size * p.groups })
      return [swap(split(y, 1, size), 0, 1)]
    }
    // one input, many kernels: more output channels within each group
    const kernels = join(join(swap(split(w!, 1, p.groups), 0, 1), 0), 0)
    const y = split(split(conv(x!, kernels, p), 1, p.groups), 2, size)
    const [n, g, b] = [0, 1, 2]
    return [join(transpose(y, [b, n, g, ...range(y.ndim).slice(3)]), 2)]
  },
  lower: { kind: 'routine', define: { kind: 'loops', nests: ([x, w], [out], p) => [windowNest(x!, w!, out!, p)] } },
}
