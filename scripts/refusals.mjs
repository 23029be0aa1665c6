/**
 * `npm run test:refusals`: one program where something is refused: pages with content policies, Node and Deno without permissions, little
 * address space, jsdom. It computes everywhere, and `probe` says in one sentence what it does without. What is not installed is said in
 * one line. CHROMIUM and DENO name executables; JSDOM a folder with jsdom in its node_modules.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { listen, said, serve } from './page.mjs'

const folder = mkdtempSync(join(tmpdir(), 'adjoint-refusals-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
const program = join(folder, 'program.mjs')
await build({
  entryPoints: [fileURLToPath(new URL('../test/runtimes/refused.ts', import.meta.url))],
  outfile: program,
  bundle: true,
  format: 'esm',
  logLevel: 'error',
})

const output = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000, cwd: folder, ...options })
    let text = ''
    child.stdout.on('data', (d) => (text += d))
    child.stderr.on('data', (d) => (text += d))
    child.on('error', () => resolve(null))
    child.on('close', () =>
      resolve(
        text
          .split('\n')
          .filter((line) => line !== '' && !/ExperimentalWarning|--trace-warnings/.test(line))
          .join('\n'),
      ),
    )
  })

const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
const open = "connect-src *; default-src 'self'"

const inPage = async (policy, headers = isolated) => {
  const ear = await listen()
  writeFileSync(
    join(folder, 'tell.js'),
    `const tell = (x) => fetch('${ear.url}', { method: 'POST', mode: 'no-cors', body: String(x) })
console.log = tell
addEventListener('error', (e) => tell('error: ' + e.message))
import('/program.mjs').catch(tell)`,
  )
  copyFileSync(program, join(folder, 'served.mjs'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type=module src=/tell.js></script>')
  const server = await serve(folder, { ...headers, 'Content-Security-Policy': policy })
  try {
    return await said(server.url, ear)
  } finally {
    server.close()
    ear.close()
  }
}

const inJsdom = () => {
  const home = process.env.JSDOM
  if (home === undefined || !existsSync(join(home, 'node_modules', 'jsdom'))) return Promise.resolve(null)
  writeFileSync(
    join(folder, 'jsdom.cjs'),
    `const { JSDOM } = require(${JSON.stringify(join(home, 'node_modules', 'jsdom'))})
const { readFileSync } = require('node:fs')
const { window } = new JSDOM('', { runScripts: 'outside-only', url: 'http://localhost' })
window.console.log = (x) => { console.log(x); process.exit(0) }
for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) window[name] ??= globalThis[name]
window.process = process
window.eval(readFileSync('script.js', 'utf8'))`,
  )
  return build({ entryPoints: [program], outfile: join(folder, 'script.js'), bundle: true, format: 'iife', logLevel: 'error' }).then(() =>
    output(process.execPath, ['jsdom.cjs']),
  )
}

const wasm = 'computed; wasm is active: Programs compiled to WebAssembly SIMD, the default'
const cases = {
  'a page without wasm-unsafe-eval': [
    () => inPage(`${open}; worker-src blob:`),
    /^computed; reference is active: plain JavaScript loops, because the page's content policy does not let WebAssembly be compiled: script-src lacks 'wasm-unsafe-eval'$/,
  ],
  'a page that refuses workers of blobs': [
    () => inPage(`${open}; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'`),
    /^computed; wasm is active: .*; on one thread, because .*worker-src blob:$/,
  ],
  'a page that requires trusted types, ours among them': [
    () =>
      inPage(`${open}; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; require-trusted-types-for 'script'; trusted-types adjoint`),
    new RegExp(`^${wasm}$`),
  ],
  'a page that requires trusted types, and not ours': [
    () =>
      inPage(`${open}; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; require-trusted-types-for 'script'; trusted-types 'none'`),
    /^computed; wasm is active: .*; on one thread, because .*trusted-types adjoint`$/,
  ],
  'a page that allows all, isolated': [
    () => inPage(`${open}; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:`),
    new RegExp(`^${wasm}$`),
  ],
  'a page that is not isolated': [
    () => inPage(`${open}; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:`, {}),
    /^computed; wasm is active: .*; on one thread, because the page is not cross-origin isolated/,
  ],
  'node --permission': [
    () =>
      output(process.execPath, [
        Number(process.versions.node.split('.')[0]) < 22 ? '--experimental-permission' : '--permission',
        `--allow-fs-read=${folder}`,
        program,
      ]),
    /^computed; wasm is active: .*; on one thread, because workers are refused: /,
  ],
  'Deno without permissions': [() => output(process.env.DENO ?? 'deno', ['run', '--no-prompt', program]), /^computed; wasm is active: /],
  // V8 reserves 10 GB of addresses for every memory, whatever its size, unless it is told not to.
  'little address space': [
    () => output('bash', ['-c', `ulimit -v 3000000; exec ${process.execPath} ${program}`]),
    /^computed; reference is active: plain JavaScript loops, because the system refuses WebAssembly memory, even 16 MiB$/,
  ],
  'little address space, without guard pages': [
    () => output('bash', ['-c', `ulimit -v 3000000; exec ${process.execPath} --disable-wasm-trap-handler ${program}`]),
    /^computed; wasm is active: /,
  ],
  jsdom: [inJsdom, /^computed; wasm is active: /],
}

let failed = 0
for (const [name, [run, expected]] of Object.entries(cases)) {
  const text = await run()
  const ok = text === null || expected.test(text)
  if (!ok) failed++
  console.log(
    `${text === null ? 'skip' : ok ? 'ok  ' : 'FAIL'}  ${name}: ${text === null ? 'not installed here' : text.replace(/^computed; /, '').slice(0, 1500)}`,
  )
}
console.log(`refusals: ${Object.keys(cases).length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
