/** `adjoint/wasm`: the backend that compiles Programs to WebAssembly, for `configure({ backend: wasm })`. */
export { wasm } from './backend/wasm/index.js'
