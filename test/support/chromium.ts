/** Debian's chromium without a window, spoken to over its debugging pipe: no further package, no port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

export interface Look {
  readonly width: number
  readonly dark?: boolean
}

export interface Looked {
  /** Errors and warnings of console, network and page. */
  readonly complaints: readonly string[]
  /** Addresses that were asked for, the page's own and data in it apart. */
  readonly loaded: readonly string[]
  /** What the expression gave, evaluated in the page. */
  readonly value: unknown
  /** PNG of the whole page. */
  readonly picture: Buffer
}

export interface Browser {
  /** Open a file and look at it; scripts of the page do not run. */
  look(file: string, how: Look, expression: string): Promise<Looked>
  close(): Promise<void>
}

const PATIENCE = 60_000

export async function openChromium(): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), 'ohmbit-chromium-'))
  const child = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-extensions',
      '--disable-background-networking',
      '--disable-component-update',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${home}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const pipe = talk(child)
  return {
    look: (file, how, expression) => look(pipe, pathToFileURL(file).href, how, expression),
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

type Pipe = ReturnType<typeof talk>

function talk(child: ChildProcess) {
  const [to, from] = [child.stdio[3] as Writable, child.stdio[4] as Readable]
  const waiting = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void; reject: (error: Error) => void }
  >()
  const listeners = new Set<(method: string, params: Record<string, unknown>) => void>()
  let last = 0
  let rest = Buffer.alloc(0)
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  child.once('error', fail)
  child.once('exit', () => fail(new Error('chromium ended')))
  to.on('error', () => {})
  from.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.subarray(0, end).toString('utf8')) as Message
      rest = rest.subarray(end + 1)
      if (message.id === undefined) for (const hear of listeners) hear(message.method ?? '', message.params ?? {})
      else {
        const { resolve, reject } = waiting.get(message.id)!
        waiting.delete(message.id)
        if (message.error === undefined) resolve(message.result ?? {})
        else reject(new Error(message.error.message))
      }
    }
  })
  return {
    listeners,
    send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
      const id = ++last
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`chromium does not answer ${method}`)), PATIENCE)
        waiting.set(id, {
          resolve: (value) => {
            clearTimeout(timer)
            resolve(value)
          },
          reject: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        })
        to.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
      })
    },
  }
}

async function look(pipe: Pipe, url: string, { width, dark = false }: Look, expression: string): Promise<Looked> {
  const complaints: string[] = []
  const loaded: string[] = []
  let ready = () => {}
  const shown = new Promise<void>((resolve) => {
    ready = resolve
  })
  const hear = (method: string, params: Record<string, unknown>) => {
    if (method === 'Page.loadEventFired') ready()
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params['exceptionDetails']))
    if (method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(params['args']))
    if (method === 'Log.entryAdded') complaints.push(JSON.stringify(params['entry']))
    if (method === 'Network.requestWillBeSent') {
      const asked = (params['request'] as { url: string }).url
      if (asked !== url && !asked.startsWith('data:')) loaded.push(asked)
    }
  }
  pipe.listeners.add(hear)
  try {
    const { targetId } = await pipe.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = (await pipe.send('Target.attachToTarget', { targetId, flatten: true })) as {
      sessionId: string
    }
    const send = (method: string, params: object = {}) => pipe.send(method, params, sessionId)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`)
    await send('Emulation.setScriptExecutionDisabled', { value: true })
    await send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false })
    await send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    })
    await send('Page.navigate', { url })
    await shown
    const evaluated = (await send('Runtime.evaluate', { expression, returnByValue: true })) as {
      result: { value?: unknown }
      exceptionDetails?: unknown
    }
    if (evaluated.exceptionDetails !== undefined) throw new Error(JSON.stringify(evaluated.exceptionDetails))
    const { data } = (await send('Page.captureScreenshot', { captureBeyondViewport: true })) as { data: string }
    await pipe.send('Target.closeTarget', { targetId })
    return { complaints, loaded, value: evaluated.result.value, picture: Buffer.from(data, 'base64') }
  } finally {
    pipe.listeners.delete(hear)
  }
}
