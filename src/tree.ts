/** `adjoint/tree`: pytrees. */
export * from './tree/index.js'
