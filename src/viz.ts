/** `adjoint/viz`: tapes and Programs as pictures. */
export type { DotOptions } from './viz/dot.js'
export { toDot } from './viz/dot.js'
export type { Draw, SvgOptions, VizFault } from './viz/svg.js'
export { toSvg } from './viz/svg.js'
