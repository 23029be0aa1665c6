/** What every primitive becomes. One that is missing here does not compile; one that no model can hold says why. */
import type { callP } from '../../control/call.js'
import type { checkpointP } from '../../control/checkpoint.js'
import type { condP } from '../../control/cond.js'
import type { scanP } from '../../control/scan.js'
import type { whileP } from '../../control/whileLoop.js'
import type { Primitive } from '../../ir/primitive.js'
import type { primitives } from '../../prim/all.js'
import * as activation from './activation.js'
import * as control from './control.js'
import { conv } from './conv.js'
import { dotGeneral } from './dot.js'
import * as dynamic from './dynamic.js'
import { gather, scatter } from './gather.js'
import * as movement from './movement.js'
import * as reduce from './reduce.js'
import type { LoweringRule } from './rule.js'
import { sort } from './sort.js'
import * as windows from './windows.js'

/**
 * `kernel`: the primitive's own definition, an expression of scalars or other primitives. A rule: nodes of its own. `unsupported`: why
 * there are none, and the way out.
 */
export type OnnxLowering<P> = 'kernel' | LoweringRule<P> | { readonly unsupported: string; readonly fix: string }

/** The primitives that hold Programs are not in the registry. */
interface Held {
  readonly call: typeof callP
  readonly checkpoint: typeof checkpointP
  readonly cond: typeof condP
  readonly scan: typeof scanP
  readonly while: typeof whileP
}

type Known = typeof primitives & Held
type ParamsOf<T> = T extends Primitive<infer P> ? P : never

const collective = {
  unsupported: 'it speaks to the other members of an axis, and a model has none',
  fix: 'vmap with that axisName, around the function that is exported',
} as const

const hosted = {
  unsupported: 'it calls a function of JavaScript, and a model has none',
  fix: 'export the function without the call; what it does on the host belongs before or after the model',
} as const

/** Lowerings by the name of the primitive. */
export const table: { readonly [K in keyof Known]: OnnxLowering<ParamsOf<Known[K]>> } = {
  neg: 'kernel',
  abs: 'kernel',
  sign: 'kernel',
  add: 'kernel',
  sub: 'kernel',
  mul: activation.mul,
  fma: 'kernel',
  div: activation.div,
  rem: 'kernel',
  max: 'kernel',
  min: 'kernel',
  nextafter: 'kernel',
  floor: 'kernel',
  ceil: 'kernel',
  round: 'kernel',
  trunc: 'kernel',

  eq: 'kernel',
  ne: 'kernel',
  lt: 'kernel',
  le: 'kernel',
  gt: 'kernel',
  ge: 'kernel',

  and: 'kernel',
  or: 'kernel',
  xor: 'kernel',
  not: 'kernel',
  shl: 'kernel',
  shr: 'kernel',
  popcount: 'kernel',
  clz: 'kernel',

  select: activation.select,
  cast: 'kernel',
  bitcast: 'kernel',
  stopGradient: 'kernel',

  sqrt: 'kernel',
  rsqrt: 'kernel',
  cbrt: 'kernel',
  pow: 'kernel',
  integerPow: 'kernel',
  hypot: 'kernel',

  exp: 'kernel',
  exp2: 'kernel',
  expm1: 'kernel',
  log: 'kernel',
  log2: 'kernel',
  log10: 'kernel',
  log1p: 'kernel',

  sin: 'kernel',
  cos: 'kernel',
  tan: 'kernel',
  asin: 'kernel',
  acos: 'kernel',
  atan: 'kernel',
  atan2: 'kernel',
  sinh: 'kernel',
  cosh: 'kernel',
  tanh: 'kernel',
  asinh: 'kernel',
  acosh: 'kernel',
  atanh: 'kernel',

  erf: 'kernel',
  erfc: 'kernel',
  erfInv: 'kernel',
  lgamma: 'kernel',
  digamma: 'kernel',

  sigmoid: 'kernel',
  softplus: activation.softplus,
  silu: activation.silu,
  geluErf: activation.geluErf,
  geluTanh: activation.geluTanh,
  mish: 'kernel',
  logisticDensity: 'kernel',
  sechSquare: 'kernel',
  gaussian: 'kernel',
  ndtr: 'kernel',
  softSign: 'kernel',
  tanhShrink: 'kernel',
  logCosh: 'kernel',
  squareplus: 'kernel',
  squareplusSlope: 'kernel',
  logit: 'kernel',
  logitSlope: 'kernel',
  entr: 'kernel',
  oneMinusSquare: 'kernel',
  logaddexp: 'kernel',
  logaddexp2: 'kernel',
  shareOfMax: 'kernel',

  broadcast: movement.broadcast,
  reduceSum: reduce.reduceSum,
  iota: movement.iota,

  reshape: movement.reshape,
  transpose: movement.transpose,
  reverse: movement.reverse,

  slice: movement.slice,
  pad: movement.pad,
  concat: movement.concat,
  split: movement.split,

  reduceMax: reduce.reduceMax,
  reduceMin: reduce.reduceMin,
  reduceProd: reduce.reduceProd,
  argmax: reduce.argmax,
  argmin: reduce.argmin,
  logsumexp: reduce.logsumexp,
  softmax: activation.softmax,
  logSoftmax: activation.logSoftmax,

  cumsum: reduce.cumsum,
  cumprod: reduce.cumprod,
  cummax: reduce.cummax,
  cummin: reduce.cummin,

  dotGeneral,
  conv,

  windowSum: windows.windowSum,
  windowMax: windows.windowMax,
  windowMin: windows.windowMin,
  patches: windows.patches,
  unpatches: windows.unpatches,

  gather,
  scatter,
  scatterReduce: scatter,
  dynamicSlice: dynamic.dynamicSlice,
  dynamicUpdateSlice: dynamic.dynamicUpdateSlice,
  sort,

  threefry2x32: 'kernel',
  xlaLog: 'kernel',
  xlaLog1p: 'kernel',
  xlaErf: 'kernel',
  xlaErfInv: 'kernel',

  psum: collective,
  pmax: collective,
  pmin: collective,
  axisIndex: collective,
  allGather: collective,
  psumScatter: collective,
  allToAll: collective,
  ppermute: collective,

  pureCallback: hosted,
  debugCallback: hosted,

  call: control.call,
  checkpoint: control.call,
  cond: control.cond,
  scan: control.scan,
  while: control.whileLoop,
}
