/**
 * The laws of derivatives, for any function of float tensors: forward mode is the numerical difference, reverse mode
 * is the transpose of forward mode, both are linear, compose by the chain rule, and hold again for their own derivatives.
 */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Tensor } from '../src/index.js'
import { linearize } from '../src/index.js'
import { directions, stream, tensorOf } from './arbitrary.js'
import { arbitrary, callable, check, checkAll } from './check.js'
import { dot, elements, expectAllClose, gap, indexOf, showNumber, showTensor } from './compare.js'
import type { Point } from './derivative.js'
import { checkAt, floatOutputs, inputsOf, pull, push } from './derivative.js'
import type { TensorFunction } from './difference.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { tolerance } from './tolerance.js'

/** A subject for laws on points: the arbitrary draws them, with a seed for directions. */
export type Points = Arbitrary<Point>

const show = ({ point, seed }: { readonly point: Point; readonly seed: number }): string =>
  `${point.text === undefined ? '' : `${point.text()}\n`}${inputsOf(point).trimStart()}\n  directions from seed ${seed}`

const atPoints = (
  name: string,
  title: string,
  points: Points,
  holds: (point: Point, next: () => number) => void,
  options?: LawOptions,
): void => {
  check(name, 'points', arbitrary, points)
  forAll(
    title,
    fc.record({ point: points, seed: fc.nat(999) }),
    show,
    ({ point, seed }) => {
      holds({ ...point, f: floatOutputs(point.f) }, stream(seed))
    },
    lawOptions(name, options),
  )
}

/** Points of one function, at inputs that the arbitrary draws. */
export const pointsOf = (f: TensorFunction, inputs: Arbitrary<readonly Tensor[]>): Points => points('pointsOf', f, inputs)

const points = (name: string, f: TensorFunction, inputs: Arbitrary<readonly Tensor[]>): Points => {
  checkAll(name, { f: [callable, f], inputs: [arbitrary, inputs] })
  return inputs.map((xs) => ({ f, xs }))
}

/** Law: first derivatives. Forward mode is the difference (1e-9), `<ct, push v> = <pull ct, v>` (1e-12). */
export const firstOrder = (points: Points, options?: LawOptions): void => {
  atPoints(
    'firstOrder',
    'push is the difference, pull is its transpose',
    points,
    (point, next) => {
      checkAt(point, { order: 1 }, next)
    },
    options,
  )
}

/** Law: second derivatives in every nesting of forward and reverse mode are the differences of first derivatives. */
export const secondOrder = (points: Points, options?: LawOptions): void => {
  atPoints(
    'secondOrder',
    'second derivatives in every nesting of modes',
    points,
    (point, next) => {
      checkAt(point, { order: 2 }, next)
    },
    options,
  )
}

const combine = (a: number, xs: readonly Tensor[], b: number, ys: readonly Tensor[]): readonly Tensor[] =>
  xs.map((x, k) => {
    const y = elements(ys[k]!)
    return tensorOf(
      elements(x).map((v, i) => a * v + b * y[i]!),
      x.shape,
      x.dtype,
    )
  })

const sameLinear = (what: string, map: (vs: readonly Tensor[]) => readonly Tensor[], v: readonly Tensor[], w: readonly Tensor[]): void => {
  const [mv, mw] = [map(v), map(w)]
  const [left, right] = [map(combine(2, v, -3, w)), combine(2, mv, -3, mw)]
  left.forEach((l, k) => {
    const scale = elements(mv[k]!).map((x, i) => 2 * Math.abs(x) + 3 * Math.abs(elements(mw[k]!)[i]!))
    const found = gap(elements(l), elements(right[k]!), { rtol: tolerance.linearity }, { scale, finite: true })
    if (found !== null)
      broken(
        `${what} is not linear: of 2v - 3w, entry ${indexOf(found.at, l.shape)} of result ${k} is ${showNumber(found.actual)}, expected ${showNumber(found.expected)}`,
      )
  })
}

/** Law: push is linear in the tangents, and pull in the cotangents. */
export const linearity = (points: Points, options?: LawOptions): void => {
  atPoints(
    'linearity',
    'push and pull are linear',
    points,
    ({ f, xs }, next) => {
      sameLinear('push', (vs) => push(f, xs, vs), directions(xs, next), directions(xs, next))
      const ys = f(...xs)
      sameLinear('pull', (cts) => pull(f, xs, cts), directions(ys, next), directions(ys, next))
    },
    options,
  )
}

/** Law: the Hessian of `<ct, f>` is symmetric (1e-12), and forward over reverse agrees with forward over forward. */
export const symmetry = (points: Points, options?: LawOptions): void => {
  atPoints(
    'symmetry',
    'the Hessian is symmetric',
    points,
    ({ f, xs }, next) => {
      const [v, w] = [directions(xs, next), directions(xs, next)]
      const cts = directions(f(...xs), next)
      const gradient: TensorFunction = (...x) => pull(f, x, cts)
      const [hv, hw] = [push(gradient, xs, v), push(gradient, xs, w)]
      const [left, right] = [dot(hv, w), dot(hw, v)]
      const scale = [Math.max(left.scale, right.scale)]
      if (gap([left.value], [right.value], { rtol: tolerance.symmetry }, { scale, finite: true }) !== null)
        broken(`the Hessian is not symmetric: <H v, w> = ${left.value}, <v, H w> = ${right.value}`)
      const twice = dot(
        cts,
        push((...x) => push(f, x, v), xs, w),
      )
      if (
        gap([twice.value], [left.value], { rtol: tolerance.agreement }, { scale: [Math.max(twice.scale, left.scale)], finite: true }) !==
        null
      )
        broken(`forward over forward gives ${twice.value}, forward over reverse ${left.value}`)
    },
    options,
  )
}

/** Law: an input that is not used has a zero derivative, forward and reverse, of its own shape and dtype. */
export const unused = (points: Points, options?: LawOptions): void => {
  atPoints(
    'unused',
    'the derivative with respect to an unused input is zero',
    points,
    ({ f, xs }, next) => {
      const ignoring: TensorFunction = (...all) => f(...all.slice(0, xs.length))
      const extra = directions(xs, next)
      const vs = [...xs.map((x) => tensorOf(new Array<number>(x.size).fill(0), x.shape, x.dtype)), ...directions(extra, next)]
      push(ignoring, [...xs, ...extra], vs).forEach((dy, k) => {
        if (elements(dy).some((d) => d !== 0)) broken(`the tangent of output ${k} is ${showTensor(dy)}, expected zeros`)
      })
      const cts = directions(f(...xs), next)
      pull(ignoring, [...xs, ...extra], cts)
        .slice(xs.length)
        .forEach((c, k) => {
          if (c.aval.dtype !== extra[k]!.dtype || String(c.shape) !== String(extra[k]!.shape) || elements(c).some((d) => d !== 0))
            broken(`the cotangent of unused input ${k} is ${showTensor(c)}, expected zeros like ${showTensor(extra[k]!)}`)
        })
    },
    options,
  )
}

/** Law: `linearize` gives the value of `f` and the same linear map as forward mode, at every tangent. */
export const linearized = (points: Points, options?: LawOptions): void => {
  atPoints(
    'linearized',
    'linearize is push',
    points,
    ({ f, xs }, next) => {
      const [ys, df] = linearize(f, ...xs)
      expectAllClose('the value from linearize', ys, f(...xs))
      for (const vs of [directions(xs, next), directions(xs, next)])
        expectAllClose('the map from linearize', df(...vs), push(f, xs, vs), { bound: tolerance.agreement, weak: false })
    },
    options,
  )
}

/** Law: the derivative of `g . f` is the derivative of `g` at `f(x)` after the derivative of `f`; and transposed. */
export const chainRule = (f: TensorFunction, g: TensorFunction, inputs: Arbitrary<readonly Tensor[]>, options?: LawOptions): void => {
  check('chainRule', 'g', callable, g)
  atPoints(
    'chainRule',
    'the chain rule',
    points('chainRule', f, inputs),
    ({ f: inner, xs }, next) => {
      const both: TensorFunction = (...x) => g(...inner(...x))
      const ys = inner(...xs)
      const vs = directions(xs, next)
      expectAllClose('push of g . f', push(both, xs, vs), push(g, ys, push(inner, xs, vs)), { bound: tolerance.agreement, weak: false })
      const cts = directions(g(...ys), next)
      expectAllClose('pull of g . f', pull(both, xs, cts), pull(inner, xs, pull(g, ys, cts)), { bound: tolerance.agreement, weak: false })
    },
    options,
  )
}

/** All the laws of derivatives for one function. */
export const derivative = (f: TensorFunction, inputs: Arbitrary<readonly Tensor[]>, options?: LawOptions): void => {
  const drawn = points('derivative', f, inputs)
  const given = lawOptions('derivative', options)
  for (const law of [firstOrder, secondOrder, linearity, symmetry, unused, linearized]) law(drawn, given)
}
