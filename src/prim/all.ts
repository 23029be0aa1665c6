/** Every primitive of the library by name. */
import type { AnyPrimitive } from '../ir/primitive.js'
import * as activation from './activation.js'
import * as arithmetic from './arithmetic.js'
import * as bits from './bits.js'
import * as broadcast from './broadcast.js'
import * as callback from './callback.js'
import * as collective from './collective.js'
import * as comparison from './comparison.js'
import * as concat from './concat.js'
import * as conv from './conv.js'
import * as cumulative from './cumulative.js'
import * as dot from './dot.js'
import * as dynamicSlice from './dynamicSlice.js'
import * as exponential from './exponential.js'
import * as fma from './fma.js'
import * as gather from './gather.js'
import * as gaussian from './gaussian.js'
import * as layout from './layout.js'
import * as normal from './normal.js'
import * as pad from './pad.js'
import * as patches from './patches.js'
import * as power from './power.js'
import * as random from './random.js'
import * as reduce from './reduce.js'
import * as scatterReduce from './scatterReduce.js'
import * as select from './select.js'
import * as shrink from './shrink.js'
import * as softmax from './softmax.js'
import * as sort from './sort.js'
import * as special from './special.js'
import * as trigonometric from './trigonometric.js'
import * as window from './window.js'
import * as xlaFloat32 from './xlaFloat32.js'

/** The registry: a primitive's block stands in its file, and one line here. */
export const primitives = {
  neg: arithmetic.negP,
  abs: arithmetic.absP,
  sign: arithmetic.signP,
  add: arithmetic.addP,
  sub: arithmetic.subP,
  mul: arithmetic.mulP,
  fma: fma.fmaP,
  div: arithmetic.divP,
  rem: arithmetic.remP,
  max: arithmetic.maxP,
  min: arithmetic.minP,
  shareOfMax: arithmetic.shareOfMaxP,
  nextafter: arithmetic.nextafterP,
  floor: arithmetic.floorP,
  ceil: arithmetic.ceilP,
  round: arithmetic.roundP,
  trunc: arithmetic.truncP,

  eq: comparison.eqP,
  ne: comparison.neP,
  lt: comparison.ltP,
  le: comparison.leP,
  gt: comparison.gtP,
  ge: comparison.geP,

  and: bits.andP,
  or: bits.orP,
  xor: bits.xorP,
  not: bits.notP,
  shl: bits.shlP,
  shr: bits.shrP,
  popcount: bits.popcountP,
  clz: bits.clzP,

  select: select.selectP,
  cast: select.castP,
  bitcast: select.bitcastP,
  stopGradient: select.stopGradientP,

  sqrt: power.sqrtP,
  rsqrt: power.rsqrtP,
  cbrt: power.cbrtP,
  pow: power.powP,
  integerPow: power.integerPowP,
  hypot: power.hypotP,

  exp: exponential.expP,
  exp2: exponential.exp2P,
  expm1: exponential.expm1P,
  log: exponential.logP,
  log2: exponential.log2P,
  log10: exponential.log10P,
  log1p: exponential.log1pP,

  sin: trigonometric.sinP,
  cos: trigonometric.cosP,
  tan: trigonometric.tanP,
  asin: trigonometric.asinP,
  acos: trigonometric.acosP,
  atan: trigonometric.atanP,
  atan2: trigonometric.atan2P,
  sinh: trigonometric.sinhP,
  cosh: trigonometric.coshP,
  tanh: trigonometric.tanhP,
  asinh: trigonometric.asinhP,
  acosh: trigonometric.acoshP,
  atanh: trigonometric.atanhP,

  erf: special.erfP,
  erfc: special.erfcP,
  erfInv: special.erfInvP,
  lgamma: special.lgammaP,
  digamma: special.digammaP,

  sigmoid: activation.sigmoidP,
  softplus: activation.softplusP,
  silu: activation.siluP,
  geluTanh: activation.geluTanhP,
  mish: activation.mishP,
  logisticDensity: trigonometric.logisticDensityP,
  sechSquare: trigonometric.sechSquareP,
  gaussian: gaussian.gaussianP,
  ndtr: normal.ndtrP,
  geluErf: normal.geluErfP,
  softSign: shrink.softSignP,
  tanhShrink: shrink.tanhShrinkP,
  logCosh: shrink.logCoshP,
  squareplus: shrink.squareplusP,
  squareplusSlope: shrink.squareplusSlopeP,
  logit: shrink.logitP,
  logitSlope: shrink.logitSlopeP,
  entr: shrink.entrP,
  oneMinusSquare: trigonometric.oneMinusSquareP,
  logaddexp: shrink.logaddexpP,
  logaddexp2: shrink.logaddexp2P,

  broadcast: broadcast.broadcastP,
  reduceSum: broadcast.reduceSumP,
  iota: broadcast.iotaP,

  reshape: layout.reshapeP,
  transpose: layout.transposeP,
  reverse: layout.reverseP,

  slice: pad.sliceP,
  pad: pad.padP,
  concat: concat.concatP,
  split: concat.splitP,

  reduceMax: reduce.reduceMaxP,
  reduceMin: reduce.reduceMinP,
  reduceProd: reduce.reduceProdP,
  argmax: reduce.argmaxP,
  argmin: reduce.argminP,
  logsumexp: reduce.logsumexpP,
  softmax: softmax.softmaxP,
  logSoftmax: softmax.logSoftmaxP,

  cumsum: cumulative.cumsumP,
  cumprod: cumulative.cumprodP,
  cummax: cumulative.cummaxP,
  cummin: cumulative.cumminP,

  dotGeneral: dot.dotGeneralP,
  conv: conv.convP,

  windowSum: window.windowSumP,
  windowMax: window.windowMaxP,
  windowMin: window.windowMinP,
  patches: patches.patchesP,
  unpatches: patches.unpatchesP,

  gather: gather.gatherP,
  scatter: gather.scatterP,
  scatterReduce: scatterReduce.scatterReduceP,
  dynamicSlice: dynamicSlice.dynamicSliceP,
  dynamicUpdateSlice: dynamicSlice.dynamicUpdateSliceP,
  sort: sort.sortP,

  threefry2x32: random.threefry2x32P,
  xlaLog: xlaFloat32.xlaLogP,
  xlaLog1p: xlaFloat32.xlaLog1pP,
  xlaErf: xlaFloat32.xlaErfP,
  xlaErfInv: xlaFloat32.xlaErfInvP,

  psum: collective.psumP,
  pmax: collective.pmaxP,
  pmin: collective.pminP,
  axisIndex: collective.axisIndexP,
  allGather: collective.allGatherP,
  psumScatter: collective.psumScatterP,
  allToAll: collective.allToAllP,
  ppermute: collective.ppermuteP,

  pureCallback: callback.pureCallbackP,
  debugCallback: callback.debugCallbackP,
} satisfies Record<string, AnyPrimitive>
