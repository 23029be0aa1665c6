/**
 * `npm run test:runtimes`: one program in Node, Bun, Deno, and in Chromium on pages that are cross-origin isolated and that are not.
 * What is not installed is said in one line. BUN, DENO and CHROMIUM name executables that are not on the path.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const limit = 120_000
const folder = mkdtempSync(join(tmpdir(), 'adjoint-runtimes-'))
const program = join(folder, 'program.mjs')
await build({
  entryPoints: [fileURLToPath(new URL('../test/runtimes/program.ts', import.meta.url))],
  outfile: program,
  bundle: true,
  format: 'esm',
  logLevel: 'error',
})

/** What a command prints; `null` when there is no such command. */
const output = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limit })
    let text = ''
    child.stdout.on('data', (d) => (text += d))
    child.stderr.on('data', (d) => (text += d))
    child.on('error', () => resolve(null))
    child.on('close', () => resolve(text.trim()))
  })

/** What the program prints in a page. */
const inPage = (chromium, isolated) =>
  new Promise((resolve) => {
    const headers = isolated ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } : {}
    const page = `<script type=module>
      const tell = (x) => fetch('/said', { method: 'POST', body: String(x) })
      console.log = tell
      onerror = tell
      if (crossOriginIsolated !== ${isolated}) tell('the page is not isolated as it should be')
      else import('/program.mjs').catch(tell)
    </script>`
    let browser = null
    const end = (text) => {
      clearTimeout(timer)
      browser?.kill()
      server.close()
      resolve(text)
    }
    const timer = setTimeout(() => end('no answer'), limit)
    const server = createServer((request, response) => {
      const script = request.url === '/program.mjs'
      response.writeHead(200, { 'Content-Type': script ? 'text/javascript' : 'text/html', ...headers })
      if (request.url === '/said') {
        let body = ''
        request.on('data', (d) => (body += d))
        request.on('end', () => {
          response.end()
          end(body)
        })
      } else response.end(script ? readFileSync(program) : page)
    })
    server.listen(0, '127.0.0.1', () => {
      const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']
      const profile = `--user-data-dir=${join(folder, `profile-${isolated}`)}`
      browser = spawn(chromium, [...flags, profile, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore' })
      browser.on('error', () => end(null))
    })
  })

const chromium = process.env.CHROMIUM ?? 'chromium'
const runtimes = {
  Node: () => output(process.execPath, [program]),
  Bun: () => output(process.env.BUN ?? 'bun', [program]),
  Deno: () => output(process.env.DENO ?? 'deno', ['run', '-A', program]),
  'Chromium, isolated': () => inPage(chromium, true),
  'Chromium, not isolated': () => inPage(chromium, false),
}
let failed = 0
for (const [name, run] of Object.entries(runtimes)) {
  const said = await run()
  if (said !== null && said !== 'ok') failed++
  console.log(
    `${said === null ? 'skip' : said === 'ok' ? 'ok  ' : 'FAIL'}  ${name}${said === null ? ': not installed here' : said === 'ok' ? '' : `: ${said}`}`,
  )
}
try {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
} catch {
  // a browser that is still ending writes to its profile
}
process.exit(failed === 0 ? 0 : 1)
