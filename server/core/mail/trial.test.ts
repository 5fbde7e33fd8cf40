import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { freePort } from '../../testing/mariadb.ts'
import { sendTestLetter } from './trial.ts'

const letter = { to: 'sokolova@zarechny.example', subject: 'Проверка почты', text: 'Письмо дошло.' }
const refuse = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode })

describe('check of the mail server', () => {
  const servers: { close: (done?: () => void) => unknown }[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** A mail server on this machine, with a password unless told otherwise. @returns its port and its letters */
  async function serve(options: SMTPServerOptions = {}): Promise<{ port: number; letters: string[] }> {
    const letters: string[] = []
    const server = new SMTPServer({
      hideSTARTTLS: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _session, done) =>
        username === 'integral' && password === 'right' ? done(null, { user: username }) : done(refuse(535, 'no')),
      onData(stream, _session, done) {
        let text = ''
        stream.on('data', (part) => {
          text += part
        })
        stream.on('end', () => {
          letters.push(text)
          done()
        })
      },
      ...options,
    })
    server.on('error', () => {})
    servers.push(server)
    const port = await freePort()
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    return { port, letters }
  }

  const send = (port: number, changes: object = {}, to = letter.to) =>
    sendTestLetter(
      {
        enabled: true,
        host: '127.0.0.1',
        port,
        security: 'none',
        user: 'integral',
        password: 'right',
        from: 'integral@zarechny.example',
        ...changes,
      },
      { ...letter, to },
    )

  it('really sends the letter', async () => {
    const { port, letters } = await serve()
    expect(await send(port)).to.include({ code: 'sent', isSent: true })
    expect(letters).to.have.length(1)
    expect(letters[0]).to.include('To: sokolova@zarechny.example')
  })

  it('tells a wrong password from a missing one', async () => {
    const { port, letters } = await serve()
    expect(await send(port, { password: 'wrong' })).to.include({ code: 'wrong_password', field: 'password' })
    expect(await send(port, { user: '', password: '' })).to.include({ code: 'password_needed', field: 'user' })
    expect(letters).to.have.length(0)
  })

  it('tells a server that is off from one that does not exist and from one that is no mail server', async () => {
    expect(await send(await freePort())).to.include({ code: 'refused', field: 'port' })
    expect(await send(25, { host: 'no-such-host.invalid' })).to.include({ code: 'host_unknown', field: 'host' })
    const stranger = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    servers.push(stranger)
    const port = await freePort()
    stranger.listen(port, '127.0.0.1')
    expect(await send(port)).to.include({ code: 'not_a_server', field: 'port' })
  })

  it('says when the protection of the connection does not fit, or the certificate is nobody’s', async () => {
    const { port } = await serve()
    expect(await send(port, { security: 'starttls' })).to.include({ code: 'encryption', field: 'security' })
    expect(await send(port, { security: 'tls' })).to.include({ code: 'encryption', field: 'security' })
    // The certificate that the test server brings along is signed by nobody.
    const secured = await serve({ secure: true, hideSTARTTLS: false, disabledCommands: [] })
    expect(await send(secured.port, { security: 'tls' })).to.include({ code: 'certificate', field: 'host' })
  })

  it('passes on what the server says of the sender and the recipient', async () => {
    const { port } = await serve({
      onMailFrom: ({ address }, _session, done) =>
        done(address.startsWith('integral') ? null : refuse(553, 'not your address')),
      onRcptTo: ({ address }, _session, done) => done(address === letter.to ? null : refuse(550, 'no such user')),
    })
    expect(await send(port, { from: 'boss@zarechny.example' })).to.include({ code: 'sender_refused', field: 'from' })
    expect(await send(port, {}, 'nobody@zarechny.example')).to.include({ code: 'recipient_refused', field: 'to' })
  })
})
