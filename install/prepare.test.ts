import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

describe('preparation of a start', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'integral-prepare-'))
    mkdirSync(join(root, 'install'))
    mkdirSync(join(root, 'dist'))
    for (const file of ['prepare.mjs', 'build.mjs'])
      cpSync(join(import.meta.dirname, file), join(root, 'install', file))
    write('package.json', { type: 'module', engines: { node: '>=20.19' } })
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (file: string, content: object | string) =>
    writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content))

  const prepare = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'install', 'prepare.mjs'), ...args], {
      encoding: 'utf8',
      // A package manager that only leaves a note that it was called.
      env: { PATH: process.env.PATH, npm_execpath: join(root, 'npm.js'), LANG: 'C', NODE_ENV: 'production' },
    })

  it('says in both languages that Node is too old', () => {
    write('package.json', { type: 'module', engines: { node: '>=99.1' } })
    const { status, stderr } = prepare()
    expect(status).to.equal(1)
    expect(stderr).to.include('Нужен Node.js 99.1').and.to.include('Node.js 99.1 or later is needed')
  })

  it('installs and builds nothing in a release, and runs the program in the same process', () => {
    write('dist/release.json', { version: '1.0.0' })
    write('npm.js', 'process.exit(1)')
    write('dist/program.js', 'console.log(JSON.stringify([process.argv.slice(1), process.env.NODE_ENV]))')
    const { status, stdout } = prepare('run', 'dist/program.js', '--answers', 'file')
    expect(status).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.equal([[join(root, 'dist', 'program.js'), '--answers', 'file'], 'production'])
  })

  it('installs once, with the packages for the build, and again only when the lock file changes', () => {
    write('package-lock.json', { packages: { '': {} } })
    write(
      'npm.js',
      `import { appendFileSync, mkdirSync } from 'node:fs'
       mkdirSync('node_modules', { recursive: true })
       appendFileSync('calls', process.argv.slice(2).join(' ') + ' ' + process.env.NODE_ENV + '\\n')`,
    )
    const calls = () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')
    for (let start = 0; start < 2; start++) expect(prepare('--packages').status).to.equal(0)
    expect(calls()).to.have.length(1)
    expect(calls()[0]).to.match(/^ci --include=dev .* undefined$/)
    write('package-lock.json', { packages: { '': {}, 'node_modules/new': { version: '1.0.0' } } })
    prepare('--packages')
    expect(calls()).to.have.length(2)
  })

  it('shows what the package manager said when it failed', () => {
    write('package-lock.json', { packages: { '': {} } })
    write('npm.js', `console.error('ENOTFOUND registry'); process.exit(1)`)
    const { status, stderr } = prepare('--packages')
    expect(status).to.equal(1)
    expect(stderr).to.include('ENOTFOUND registry').and.to.include('Пакеты не установлены')
  })
})
