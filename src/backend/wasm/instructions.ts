/** The instructions that kernels use, as typed constructors of expressions. */
export * from './instructions/control.js'
export * from './instructions/scalar.js'
export * from './instructions/vector.js'
