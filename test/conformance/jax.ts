/** JAX's cases: what each of its functions is called here. One entry per call name. */
import type { Tensor } from '../../src/index.js'
import {
  associativeScan,
  foriLoop,
  grad,
  hessian,
  hvp,
  isTensor,
  jacfwd,
  jacrev,
  lax,
  nn,
  np,
  random,
  scan,
  special,
  vjp,
  vmap,
  whileLoop,
} from '../../src/index.js'
import type { Tolerance } from './compare.js'
import { difference, exact } from './compare.js'
import { settled } from './settled.js'
import { eagerly, type Through } from './compiled.js'
import type { Case, Encoded, Json, JsonObject } from './fixture.js'
import { decodeAll, f64 } from './fixture.js'

/** A case of JAX: `call(...args, kwargs)` gives `out`; its pull of `ct` gives `vjp`. */
interface JaxCase {
  readonly id: string
  readonly call: string
  readonly kwargs: JsonObject
  readonly args: readonly Encoded[]
  readonly out: Encoded
  readonly ct?: Encoded
  readonly vjp?: readonly (Encoded | null)[]
}

type Result = Tensor | number
/** The function of a case's arguments, from its keyword arguments and the remark after `#` in its id. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- keyword arguments come from a file; each entry knows its own
type Entry = (kwargs: any, remark: string) => (...args: Tensor[]) => Result

const plain =
  (f: (...args: Tensor[]) => Result): Entry =>
  () =>
    f
const withOptions =
  (f: (x: Tensor, options: object) => Result): Entry =>
  (kwargs: object) =>
  (x) =>
    f(x, kwargs)
/** A reduction: `axis: null` is all axes. */
const reduction =
  (f: (x: Tensor, options: object) => Result): Entry =>
  ({ axis }: { axis: number | readonly number[] | null }) =>
  (x) =>
    f(x, axis === null ? {} : { axis })

const elementwise: Readonly<Record<string, Entry>> = {
  'np.negative': plain((x) => np.neg(x)),
  'np.abs': plain((x) => np.abs(x)),
  'np.exp': plain((x) => np.exp(x)),
  'np.exp2': plain((x) => np.exp2(x)),
  'np.expm1': plain((x) => np.expm1(x)),
  'np.sin': plain((x) => np.sin(x)),
  'np.cos': plain((x) => np.cos(x)),
  'np.tan': plain((x) => np.tan(x)),
  'np.sinh': plain((x) => np.sinh(x)),
  'np.cosh': plain((x) => np.cosh(x)),
  'np.tanh': plain((x) => np.tanh(x)),
  'np.arctan': plain((x) => np.arctan(x)),
  'np.arcsinh': plain((x) => np.arcsinh(x)),
  'np.sign': plain((x) => np.sign(x)),
  'np.floor': plain((x) => np.floor(x)),
  'np.ceil': plain((x) => np.ceil(x)),
  'np.square': plain((x) => np.square(x)),
  'np.rint': plain((x) => np.rint(x)),
  'np.cbrt': plain((x) => np.cbrt(x)),
  'np.log': plain((x) => np.log(x)),
  'np.log2': plain((x) => np.log2(x)),
  'np.log10': plain((x) => np.log10(x)),
  'np.log1p': plain((x) => np.log1p(x)),
  'np.sqrt': plain((x) => np.sqrt(x)),
  'np.reciprocal': plain((x) => np.reciprocal(x)),
  'np.arcsin': plain((x) => np.arcsin(x)),
  'np.arccos': plain((x) => np.arccos(x)),
  'np.arctanh': plain((x) => np.arctanh(x)),
  'np.arccosh': plain((x) => np.arccosh(x)),
  'lax.rsqrt': plain((x) => lax.rsqrt(x)),
  'lax.erf': plain((x) => special.erf(x)),
  'lax.erfc': plain((x) => special.erfc(x)),
  'lax.lgamma': plain((x) => special.gammaln(x)),
  'lax.digamma': plain((x) => special.digamma(x)),
  'lax.erfInv': plain((x) => special.erfinv(x)),
  'lax.logistic': plain((x) => special.expit(x)),
  'np.add': plain((x, y) => np.add(x, y)),
  'np.subtract': plain((x, y) => np.sub(x, y)),
  'np.multiply': plain((x, y) => np.mul(x, y)),
  'np.divide': plain((x, y) => np.div(x, y)),
  'np.maximum': plain((x, y) => np.maximum(x, y)),
  'np.minimum': plain((x, y) => np.minimum(x, y)),
  'np.arctan2': plain((x, y) => np.arctan2(x, y)),
  'np.logaddexp': plain((x, y) => np.logaddexp(x, y)),
  'np.hypot': plain((x, y) => np.hypot(x, y)),
  'np.power': plain((x, y) => np.pow(x, y)),
  'np.fmod': plain((x, y) => np.fmod(x, y)),
  'np.remainder': plain((x, y) => np.remainder(x, y)),
  'np.floorDivide': plain((x, y) => np.floorDivide(x, y)),
  'np.where': plain((c, x, y) => np.where(np.greater(c, 0), x, y)),
  'np.clip':
    ({ min, max }: { min: number; max: number }) =>
    (x) =>
      np.clip(x, min, max),
}

const reductions: Readonly<Record<string, Entry>> = {
  'np.sum': reduction(np.sum),
  'np.mean': reduction(np.mean),
  'np.prod': reduction(np.prod),
  'np.max': reduction(np.max),
  'np.min': reduction(np.min),
  'np.var': reduction(np.var),
  'np.std': reduction(np.std),
  'np.argmax': withOptions(np.argmax),
  'np.argmin': withOptions(np.argmin),
  'nn.logsumexp': withOptions(nn.logsumexp),
  'np.cumsum': withOptions(np.cumsum),
  'np.cumprod': withOptions(np.cumprod),
  'np.sort': withOptions(np.sort),
  'np.argsort': withOptions(np.argsort),
}

const products: Readonly<Record<string, Entry>> = {
  'np.matmul': plain((x, y) => np.matmul(x, y)),
  'np.einsum':
    ({ subscripts }: { subscripts: string }) =>
    (...xs) =>
      np.einsum(subscripts, ...xs),
  'np.tensordot':
    ({ axes }: { axes: number }) =>
    (x, y) =>
      np.tensordot(x, y, { axes }),
  'np.outer': plain((x, y) => np.outer(x, y)),
  'np.kron': plain((x, y) => np.kron(x, y)),
}

const movements: Readonly<Record<string, Entry>> = {
  'np.transpose':
    ({ axes }: { axes: number[] }) =>
    (x) =>
      np.transpose(x, axes),
  'np.reshape':
    ({ shape }: { shape: number[] }) =>
    (x) =>
      np.reshape(x, shape),
  'np.concatenate':
    ({ axis }: { axis: number }) =>
    (...xs) =>
      np.concatenate(xs, { axis }),
  'np.stack':
    ({ axis }: { axis: number }) =>
    (...xs) =>
      np.stack(xs, { axis }),
  'np.flip':
    ({ axis }: { axis: number }) =>
    (x) =>
      np.flip(x, { axis }),
  'np.roll':
    ({ shift, axis }: { shift: number; axis: number }) =>
    (x) =>
      np.roll(x, shift, { axis }),
  'np.tile':
    ({ reps }: { reps: number[] }) =>
    (x) =>
      np.tile(x, reps),
  'np.repeat':
    ({ repeats, axis }: { repeats: number; axis: number }) =>
    (x) =>
      np.repeat(x, repeats, { axis }),
  'np.pad':
    ({ padWidth, constantValues }: { padWidth: [number, number][]; constantValues: number }) =>
    (x) =>
      np.pad(x, padWidth, { constantValues }),
  'lax.pad':
    ({ config }: { config: [number, number, number][] }) =>
    (x) =>
      lax.pad(x, 0, config),
  'np.take':
    ({ axis }: { axis: number }) =>
    (x, indices) =>
      np.take(x, indices, { axis }),
  'np.takeAlongAxis':
    ({ axis }: { axis: number }) =>
    (x, indices) =>
      np.takeAlongAxis(x, indices, { axis }),
  'np.tril': withOptions(np.tril),
  'np.triu': withOptions(np.triu),
  'np.diag': plain((x) => np.diag(x)),
  'np.trace': plain((x) => np.trace(x)),
  'lax.dynamicSlice':
    ({ start, sizes }: { start: number[]; sizes: number[] }) =>
    (x) =>
      lax.dynamicSlice(x, start, sizes),
  'lax.dynamicUpdateSlice':
    ({ start }: { start: number[] }) =>
    (x, update) =>
      lax.dynamicUpdateSlice(x, update, start),
  'scatterAdd.rows': plain((x, rows, updates) => np.at(x, rows).add(updates)),
}

type Padding = 'SAME' | 'VALID' | readonly (readonly [number, number])[]
interface ConvKeywords {
  readonly window_strides: number[]
  readonly padding: Padding
  readonly lhs_dilation?: number[]
  readonly rhs_dilation?: number[]
  readonly feature_group_count?: number
}
interface PoolKeywords {
  readonly window: number[]
  readonly strides: number[]
  readonly padding: Padding
}

const pooling = ({ strides, padding }: PoolKeywords) => ({
  strides,
  padding: padding === 'VALID' ? ('valid' as const) : padding === 'SAME' ? ('same' as const) : padding,
})

const windows: Readonly<Record<string, Entry>> = {
  'lax.convGeneralDilated': (k: ConvKeywords) => (x, w) =>
    lax.convGeneralDilated(x, w, {
      strides: k.window_strides,
      padding: k.padding,
      ...(k.lhs_dilation === undefined ? {} : { lhsDilation: k.lhs_dilation }),
      ...(k.rhs_dilation === undefined ? {} : { rhsDilation: k.rhs_dilation }),
      ...(k.feature_group_count === undefined ? {} : { groups: k.feature_group_count }),
    }),
  maxPool: (k: PoolKeywords) => (x) => nn.maxPool(x, k.window, pooling(k)),
  sumPool: (k: PoolKeywords) => (x) => nn.sumPool(x, k.window, pooling(k)),
}

const activations: Readonly<Record<string, Entry>> = {
  'nn.relu': plain((x) => nn.relu(x)),
  'nn.relu6': plain((x) => nn.relu6(x)),
  'nn.elu': plain((x) => nn.elu(x)),
  'nn.selu': plain((x) => nn.selu(x)),
  'nn.celu': plain((x) => nn.celu(x)),
  'nn.leaky_relu': plain((x) => nn.leakyRelu(x)),
  'nn.log_sigmoid': plain((x) => nn.logSigmoid(x)),
  'nn.soft_sign': plain((x) => nn.softSign(x)),
  'nn.hard_tanh': plain((x) => nn.hardTanh(x)),
  'nn.hard_sigmoid': plain((x) => nn.hardSigmoid(x)),
  'nn.hard_swish': plain((x) => nn.hardSwish(x)),
  'nn.standardize': withOptions(nn.standardize),
  'nn.oneHot':
    ({ numClasses }: { numClasses: number }) =>
    (x) =>
      nn.oneHot(x, numClasses, { dtype: 'float64' }),
  'nn.sigmoid': plain((x) => nn.sigmoid(x)),
  'nn.softplus': plain((x) => nn.softplus(x)),
  'nn.silu': plain((x) => nn.silu(x)),
  'nn.gelu':
    ({ approximate }: { approximate: boolean }) =>
    (x) =>
      nn.gelu(x, { approximate }),
  'nn.softmax': withOptions(nn.softmax),
  'nn.logSoftmax': withOptions(nn.logSoftmax),
}

const attention: Readonly<Record<string, Entry>> = {
  'nn.dotProductAttention': (options: nn.AttentionOptions) => (q, k, v) => nn.dotProductAttention(q, k, v, options),
}

const f = (x: Tensor): Tensor => np.sum(np.mul(np.tanh(x), np.square(np.roll(x, 1))))
const g = (x: Tensor): Tensor => np.mul(np.cumsum(np.sin(x)), np.index(x, 0))

const transforms: Readonly<Record<string, Entry>> = {
  'transform.grad': plain(grad(f)),
  'transform.hessian': plain(hessian(f)),
  'transform.hvp': plain((x, v) => hvp(f)(x, v)),
  'transform.jacfwd': plain(jacfwd(g)),
  'transform.jacrev': plain(jacrev(g)),
  'transform.grad4': plain(grad(grad(grad(grad((x: Tensor) => np.tanh(x)))))),
  'transform.vmapgrad': plain((w, xs) => vmap((x: Tensor) => grad((v: Tensor) => np.square(np.sum(np.tanh(np.matmul(x, v)))))(w))(xs)),
  'lax.scan': plain((w, xs) => {
    const step = (h: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
      const next = np.tanh(np.add(np.matmul(h, w), x))
      return [next, next]
    }
    return scan(step, np.zeros([3], { dtype: 'float64' }), xs)[1]
  }),
  'lax.whileLoop': plain((x) =>
    whileLoop(
      (c: Tensor) => np.less(np.index(c, 0), 100),
      (c: Tensor) => np.mul(c, 1.5),
      x,
    ),
  ),
  'lax.foriLoop': plain((x) => foriLoop(0, 5, (k: Tensor, c: Tensor) => np.add(np.sin(c), k), x)),
  'lax.associativeScan': plain((x) => associativeScan((a: Tensor, b: Tensor) => np.mul(a, b), x)),
}

interface Draw {
  readonly seed: number
  readonly shape: number[]
  readonly num: number
  readonly data: number
  readonly p: number
  readonly n: number
  readonly minval: number
  readonly maxval: number
  readonly lower: number
  readonly upper: number
}
const drawn =
  (draw: (key: ReturnType<typeof random.key>, k: Draw) => Result): Entry =>
  (k: Draw) =>
  () =>
    draw(random.key(k.seed), k)

const randoms: Readonly<Record<string, Entry>> = {
  'random.keyData': drawn((key) => key),
  'random.split': drawn((key, { num }) => np.stack([...random.split(key, num)])),
  'random.foldIn': drawn((key, { data }) => random.foldIn(key, data)),
  'random.bits': drawn((key, { shape }) => random.bits(key, shape)),
  'random.uniform': drawn((key, { shape }) => random.uniform(key, shape)),
  'random.normal': drawn((key, { shape }) => random.normal(key, shape)),
  'random.bernoulli': drawn((key, { p, shape }) => random.bernoulli(key, p, shape)),
  'random.randint': drawn((key, { shape, minval, maxval }) => random.randint(key, shape, minval, maxval)),
  'random.permutation': drawn((key, { n }) => random.permutation(key, n)),
  'random.categorical': drawn((key, { shape }) => random.categorical(key, np.log(np.array([0.1, 0.2, 0.7])), { shape })),
  'random.truncatedNormal': drawn((key, { lower, upper, shape }) => random.truncatedNormal(key, lower, upper, shape)),
  'random.gumbel': drawn((key, { shape }) => random.gumbel(key, shape)),
}

const entries: Readonly<Record<string, Entry>> = {
  ...elementwise,
  ...reductions,
  ...products,
  ...movements,
  ...windows,
  ...activations,
  ...attention,
  ...transforms,
  ...randoms,
}

/**
 * Values of float64 agree to rounding, random streams to the bit. JAX takes the softmax of attention in float32 whatever the
 * inputs are: its weights, and all that follows, are right to float32.
 */
const toleranceOf = (c: JaxCase): Tolerance =>
  c.call.startsWith('random.') ? exact : c.call === 'nn.dotProductAttention' ? { rtol: 1e-6, atol: 1e-6 } : { rtol: 1e-9, atol: 1e-12 }

/** Runs a case of JAX: value, dtype and shape of the result, and the cotangent of every floating argument. */
export const jax = async (given: Case, through: Through = eagerly): Promise<string | null> => {
  const c = given as unknown as JaxCase
  const entry = Object.hasOwn(entries, c.call) ? entries[c.call] : undefined
  if (entry === undefined) return `unknown: nothing is called ${c.call}`
  const run = entry(c.kwargs, c.id.split('#')[1] ?? '')
  const args = decodeAll(c.args as unknown as Json) as Tensor[]
  const tolerance = toleranceOf(c)
  const f = (...xs: Tensor[]): Tensor => {
    const y = run(...xs)
    return isTensor(y) ? y : f64(y)
  }
  const value = difference('value', c.out as unknown as Json, await settled(through(f)(...args)), tolerance)
  if (value !== null || c.ct === undefined || c.vjp === undefined) return value

  // Integer arguments have no cotangent: they are closed over.
  const floating = c.vjp.flatMap((v, k) => (v === null ? [] : [k]))
  const pull = (ct: Tensor, ...all: Tensor[]): readonly Tensor[] => {
    const ofFloating = (...xs: Tensor[]): Tensor => f(...all.map((a, k) => (floating.includes(k) ? xs[floating.indexOf(k)]! : a)))
    return vjp(ofFloating, ...floating.map((k) => all[k]!))[1](ct)
  }
  const cotangents = (await settled(through(pull)(decodeAll(c.ct as unknown as Json) as Tensor, ...args))) as readonly Tensor[]
  for (const [i, k] of floating.entries()) {
    const d = difference(`vjp[${k}]`, c.vjp[k] as unknown as Json, cotangents[i], tolerance)
    if (d !== null) return d
  }
  return null
}
