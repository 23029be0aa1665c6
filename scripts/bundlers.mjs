/**
 * `npm run test:bundlers [-- --only vite7,esbuild]`: the packed package, without optional peers, bundled by the bundlers that people use,
 * without externals, and run in headless Chromium: a gradient, a compiled function, a value. Each bundler is installed once, in
 * ADJOINT_BUNDLERS or a folder of the cache of npm; what cannot be installed is a failure. esbuild and Rollup are this repository's.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packed, run } from './packed.mjs'
import { listen, said, serve } from './page.mjs'

const cache = process.env.ADJOINT_BUNDLERS ?? join(run('npm', ['config', 'get', 'cache']).trim(), 'adjoint-bundlers')
const { folder: consumer } = packed()

const program = (imports) => `${imports}
const answer = () => {
  const slope = grad((x) => np.sum(np.mul(np.tanh(x), x)))(np.array([1, 2, 3])).toArray().map((v) => v.toFixed(4)).join(' ')
  const twice = jit((x) => np.mul(np.sin(x), 2))(np.ones([5000])).toTypedArray()[4999].toFixed(5)
  return [slope, twice, nn.relu(np.array(-1)).item(), probe().split(' ')[0], typeof viz.toSvg, typeof data.decodeImage].join(' | ')
}`
const expected = (backend) => `1.1816 1.1053 1.0247 | 1.68294 | 0 | ${backend} | function | function`
const names = `grad, jit, np, nn, viz, data, probe`
const tell = (url) => `
const tell = (text) => fetch('${url}', { method: 'POST', mode: 'no-cors', body: String(text) })
addEventListener('error', (e) => tell('error: ' + e.message))
addEventListener('unhandledrejection', (e) => tell('rejected: ' + e.reason))
try { tell(answer()) } catch (e) { tell('thrown: ' + (e?.stack ?? e)) }
`
const esm = (url) => program(`import { ${names} } from 'adjoint'`) + tell(url)
const cjs = (url) => program(`const { ${names} } = require('adjoint')`) + tell(url)
const html = (src, type = 'module') =>
  `<!doctype html><meta charset=utf-8><title>t</title><body><script type=${type} src="${src}"></script>`

const made = []
process.on('exit', () => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A folder with the package and a bundler's packages beside it. */
const project = (installed, files, manifest = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-bundler-'))
  made.push(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, ...manifest }))
  if (installed === null) mkdirSync(join(folder, 'node_modules'))
  else cpSync(join(installed, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  cpSync(join(consumer, 'node_modules', 'adjoint'), join(folder, 'node_modules', 'adjoint'), { recursive: true })
  if (!existsSync(join(folder, 'node_modules', 'fp-ts')))
    symlinkSync(join(consumer, 'node_modules', 'fp-ts'), join(folder, 'node_modules', 'fp-ts'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The packages of a bundler, installed once. */
const install = (name, packages) => {
  const folder = join(cache, name)
  if (existsSync(join(folder, 'complete'))) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--no-package-lock', ...packages], { cwd: folder, timeout: 600_000 })
  writeFileSync(join(folder, 'complete'), '')
  return folder
}

const bin = (folder, name, args, env = {}) =>
  run(join(folder, 'node_modules', '.bin', name), args, { cwd: folder, timeout: 600_000, env: { ...process.env, CI: '1', ...env } })

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** A server of a tool, up when it answers; `use` gets its address. */
const serving = async (folder, name, args, port, use) => {
  const child = spawn(join(folder, 'node_modules', '.bin', name), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let log = ''
  child.stdout.on('data', (d) => (log += d))
  child.stderr.on('data', (d) => (log += d))
  try {
    const url = `http://127.0.0.1:${port}/`
    for (let k = 0; ; k++) {
      if (
        (await fetch(url).then(
          (r) => r.ok || log,
          () => false,
        )) === true
      )
        break
      if (k > 240 || child.exitCode !== null) throw new Error(`${name} ${args.join(' ')} does not answer\n${log}`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return await use(url)
  } finally {
    try {
      process.kill(-child.pid)
    } catch {
      // it ended by itself
    }
  }
}

/** What a page of `folder` says. */
const inFolder = async (folder, ear) => {
  const server = await serve(folder)
  try {
    return await said(server.url, ear)
  } finally {
    server.close()
  }
}

const vite = (version) => ({
  build: async (ear) => {
    const folder = project(install(`vite${version}`, [`vite@${version}`]), { 'index.html': html('/main.js'), 'main.js': esm(ear.url) })
    bin(folder, 'vite', ['build', '--logLevel', 'warn'])
    return inFolder(join(folder, 'dist'), ear)
  },
  dev: async (ear) => {
    const folder = project(install(`vite${version}`, [`vite@${version}`]), { 'index.html': html('/main.js'), 'main.js': esm(ear.url) })
    const port = await freePort()
    return serving(folder, 'vite', ['--host', '127.0.0.1', '--port', String(port), '--strictPort'], port, (url) => said(url, ear))
  },
})

const webpack = (text) => async (ear) => {
  const folder = project(install('webpack', ['webpack@5', 'webpack-cli@6']), {
    'src/index.js': text(ear.url),
    'dist/index.html': html('main.js', 'text/javascript'),
  })
  bin(folder, 'webpack', ['--mode', 'production', '--stats', 'errors-only'])
  return inFolder(join(folder, 'dist'), ear)
}

const next =
  (args, edge = false) =>
  async (ear) => {
    const files = {
      'app/layout.js': `export default ({ children }) => <html><body>{children}</body></html>`,
      ...(edge
        ? {
            'app/page.js': `export default () => <p>edge</p>`,
            'app/edge/route.js': `${program(`import { ${names} } from 'adjoint'`)}\nexport const runtime = 'edge'\nexport const dynamic = 'force-dynamic'\nexport const GET = () => new Response(answer())`,
          }
        : {
            'app/page.js': `import Run from './run'\nexport default () => <Run />`,
            'app/run.js': `'use client'\nimport { useEffect } from 'react'\n${program(`import { ${names} } from 'adjoint'`)}
export default function Run() { useEffect(() => { ${tell(ear.url)} }, []); return <p>{grad((x) => np.mul(x, x))(np.array(3)).item()}</p> }`,
          }),
    }
    const folder = project(install('next', ['next@16', 'react@19', 'react-dom@19']), files)
    bin(folder, 'next', ['build', ...args], { NEXT_TELEMETRY_DISABLED: '1' })
    const port = await freePort()
    return serving(folder, 'next', ['start', '-H', '127.0.0.1', '-p', String(port)], port, (url) =>
      edge ? fetch(`${url}edge`).then((r) => r.text()) : said(url, ear),
    )
  }

const rollup = async (ear) => {
  const { rollup: make } = await import('rollup')
  const folder = project(null, { 'index.html': html('out.js'), 'main.js': esm(ear.url) })
  // Rollup leaves packages alone without a plugin: this one finds them by package.json alone.
  const find = (id) => {
    if (id.startsWith('.') || id.startsWith('/')) return null
    if (!/^adjoint(\/|$)/.test(id)) throw new Error(`the bundle would import ${id}`)
    const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules/adjoint/package.json'), 'utf8'))
    return join(folder, 'node_modules/adjoint', exports[id.replace(/^adjoint/, '.')].import.default)
  }
  const bundle = await make({ input: join(folder, 'main.js'), plugins: [{ name: 'find', resolveId: find }], onwarn: () => undefined })
  await bundle.write({ file: join(folder, 'out.js'), format: 'es', inlineDynamicImports: true })
  return inFolder(folder, ear)
}

const esbuild = (format, text) => async (ear) => {
  const folder = project(null, { 'index.html': html('out.js', format === 'esm' ? 'module' : 'text/javascript'), 'main.js': text(ear.url) })
  const { build } = createRequire(import.meta.url)('esbuild')
  await build({
    entryPoints: [join(folder, 'main.js')],
    outfile: join(folder, 'out.js'),
    bundle: true,
    format,
    minify: true,
    logLevel: 'error',
  })
  return inFolder(folder, ear)
}

const rspack = async (ear) => {
  const folder = project(install('rspack', ['@rspack/core@1', '@rspack/cli@1']), {
    'src/index.js': esm(ear.url),
    'dist/index.html': html('main.js', 'text/javascript'),
  })
  bin(folder, 'rspack', ['build', '--mode', 'production'])
  return inFolder(join(folder, 'dist'), ear)
}

const parcel = async (ear) => {
  const folder = project(install('parcel', ['parcel@2']), { 'index.html': html('main.js'), 'main.js': esm(ear.url) })
  bin(folder, 'parcel', ['build', 'index.html', '--no-cache', '--log-level', 'error'])
  return inFolder(join(folder, 'dist'), ear)
}

const matrix = {
  esbuild: esbuild('esm', esm),
  'esbuild-require': esbuild('iife', cjs),
  rollup,
  ...Object.fromEntries(
    [6, 7, 8].flatMap((v) => Object.entries(vite(v)).map(([how, f]) => [how === 'build' ? `vite${v}` : `vite${v}-dev`, f])),
  ),
  webpack: webpack(esm),
  'webpack-require': webpack(cjs),
  rspack,
  parcel,
  'next-turbopack': next([]),
  'next-webpack': next(['--webpack']),
  'next-edge': next([], true),
}

const at = process.argv.indexOf('--only')
const chosen = at === -1 ? Object.keys(matrix) : process.argv[at + 1].split(',')
let failed = 0
for (const name of chosen) {
  const start = performance.now()
  const ear = await listen()
  let text
  try {
    if (matrix[name] === undefined) throw new Error(`no such bundler; there are ${Object.keys(matrix).join(', ')}`)
    text = (await matrix[name](ear)) ?? 'skip: Chromium is not installed here'
  } catch (error) {
    text = error.message
  }
  ear.close()
  const ok = text === expected('wasm') || (name === 'next-edge' && text === expected('reference'))
  if (!ok && !text.startsWith('skip')) failed++
  const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4)
  console.log(
    `${text.startsWith('skip') ? text : ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(16)} ${seconds} s${ok ? '' : `\n${text.slice(0, 3000).replace(/^/gm, '      ')}`}`,
  )
}
console.log(`bundlers: ${chosen.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
