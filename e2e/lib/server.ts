/**
 * The real server binary as a test needs it: on a free port, with its own data, killed and started again at will.
 *
 * Nothing here knows the routes of the product beyond `/healthz`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { remove, serverBinary, temporaryFolder } from './places.ts';

/** What a server is started with. */
export interface ServerOptions {
  /** `demo` fills a new database with demo data, `empty` opens the guided set-up. */
  content?: 'demo' | 'empty';
  /** Further variables of its environment. */
  env?: Record<string, string>;
  /** How long the first start may take; filling the demo is slow on a small machine. */
  patienceMs?: number;
  /** A folder of data to begin with a copy of, instead of nothing. */
  from?: string;
  /** Answer on this port instead of a free one: another server at the address of one that is gone. */
  port?: number;
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

/** A server under test. Its address and its data stay the same over every stop and start. */
export class Server {
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(
    readonly port: number,
    readonly data: string,
    private readonly options: ServerOptions,
  ) {}

  /** Starts a server with data of its own and waits until it answers. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options.port ?? (await freePort()), await temporaryFolder('server'), options);
    try {
      if (options.from !== undefined) await cp(options.from, server.data, { recursive: true });
      await server.up();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Where it answers, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All it wrote so far, over every start. */
  get log(): string {
    return this.#log;
  }

  /** The token of the link that an empty server prints for its set-up. */
  get setUpToken(): string {
    const links = [...this.#log.matchAll(/\/#\/set-up\/([0-9a-f]{64})/g)];
    const token = links.at(-1)?.[1];
    if (token === undefined) throw new Error('the server printed no link for its set-up');
    return token;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it (again) on the same port with the same data. */
  async up(): Promise<void> {
    if (this.#child) throw new Error('the server is up already');
    const content = this.options.content ?? 'demo';
    const args = ['serve', '--port', String(this.port), '--data', this.data, `--${content}`];
    const child = spawn(serverBinary(), args, {
      env: { ...process.env, ...this.options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      this.#log += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    // What it says first, the link of its set-up included, ends with an empty line; it may arrive after the first answer.
    const greeted = () => /Đồng Hành[^]*\n\n/.test(said);
    let failed: string | undefined;
    child.on('error', (error) => (failed = error.message));
    child.on('exit', (code, signal) => {
      failed ??= `exit ${code ?? signal}`;
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    const end = Date.now() + (this.options.patienceMs ?? 180_000);
    while (!((await this.#answers()) && greeted())) {
      if (failed) throw new Error(`the server did not start: ${failed}\n${this.#log}`);
      if (Date.now() > end) {
        await this.kill();
        throw new Error(`the server was not ready in time\n${this.#log}`);
      }
      // Not a wait for luck: the interval at which readiness is asked for.
      await pause(25);
    }
  }

  /** `kill -9`: it gets no chance to finish anything. Returns when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end, and returns when it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Kills it and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.up();
  }

  /** Ends it for good and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    await remove(this.data);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    this.#child = undefined;
  }

  async #answers(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(2_000) });
      return answer.ok;
    } catch {
      return false;
    }
  }
}
