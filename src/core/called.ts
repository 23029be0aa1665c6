/** Names of functions: bundlers and minifiers rename constants, and with them what a model's summary and errors print. */

/** `f`, called `name` for good. */
export const called = <F extends (...args: never[]) => unknown>(name: string, f: F): F => Object.defineProperty(f, 'name', { value: name })
