/** The package as a user gets it: packed and installed in an empty folder. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Runs a program and returns what it printed; throws with its output when it fails. */
export const run = (command, args, options = {}) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
  } catch (e) {
    throw new Error(`${command} ${args.join(' ')}\n${e.stdout ?? ''}${e.stderr ?? ''}`.trim(), { cause: e })
  }
}

/** `name@version` of a development dependency, as pinned. */
export const pinned = (name) => `${name}@${manifest.devDependencies[name]}`

/** A tool of this repository: the file behind node_modules/.bin/NAME. */
export const tool = (name) => join(root, 'node_modules', '.bin', name)

const install = (folder, what) =>
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', ...what], { cwd: folder })

/** Packs dist and installs the tarball, and `extra` packages, in a fresh folder, removed when the process ends. */
export const packed = (extra = []) => {
  if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('dist is missing: npm run build')
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-packed-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const tarball = join(folder, filename)
  install(folder, [tarball, ...extra])
  return { folder, tarball, add: (what) => install(folder, what) }
}
