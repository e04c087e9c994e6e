/**
 * A phone is a Chromium profile of its own that survives being killed: 360×740, Vietnamese, touch.
 *
 * Here: starting, killing, slowing and cutting it off. What is on its screen belongs to the tests.
 */
import { type BrowserContext, type CDPSession, type Page, chromium as playwright } from '@playwright/test';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, quietBrowser, remove, temporaryFolder } from './places.ts';

/** What a phone is started with. */
export interface PhoneOptions {
  /** The server it opens; `page.goto('/')` is relative to it. */
  url: string;
  width?: number;
  height?: number;
  /** The language of its browser. */
  language?: string;
}

/** A phone in somebody's hand. `page` is a new object after every start. */
export class Phone {
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  /** Errors of the page that nobody caught, and what it wrote to the console as an error, over every start. */
  readonly errors: string[] = [];

  private constructor(
    readonly name: string,
    readonly profile: string,
    private readonly options: PhoneOptions,
  ) {}

  /** A new phone with an empty profile, switched on. `name` only helps to tell folders apart. */
  static async start(name: string, options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(name, await temporaryFolder(`phone-${name}`), options);
    try {
      await phone.on();
    } catch (error) {
      await phone.dispose();
      throw error;
    }
    return phone;
  }

  get isOn(): boolean {
    return this.#context !== undefined;
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error(`the phone ${this.name} is off`);
    return this.#context;
  }

  get page(): Page {
    if (!this.#page) throw new Error(`the phone ${this.name} is off`);
    return this.#page;
  }

  /** Switches it on (again) with the profile it had. */
  async on(): Promise<void> {
    if (this.#context) throw new Error(`the phone ${this.name} is on already`);
    const { url, width = 360, height = 740, language = 'vi-VN' } = this.options;
    const context = await playwright.launchPersistentContext(this.profile, {
      executablePath: chromium(),
      headless: true,
      args: [...quietBrowser, `--lang=${language}`],
      baseURL: url,
      viewport: { width, height },
      hasTouch: true,
      locale: language,
      timezoneId: 'Asia/Ho_Chi_Minh',
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    this.#context = context;
    this.#page = page;
  }

  /** Opens the app and waits until its service worker controls the page, that is until it works offline. */
  async openInstalled(path = '/'): Promise<void> {
    await this.page.goto(path);
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (navigator.serviceWorker.controller) return;
      await new Promise((taken) => {
        navigator.serviceWorker.addEventListener('controllerchange', taken, { once: true });
        if (navigator.serviceWorker.controller) taken(undefined);
      });
    });
  }

  /** `kill -9` of the whole browser, as a system short of memory does it. Returns when it is gone. */
  async kill(): Promise<void> {
    const context = this.context;
    const pid = await browserProcess(context);
    const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
    process.kill(pid, 'SIGKILL');
    await closed;
    while (isAlive(pid)) await pause(10);
    this.#context = undefined;
    this.#page = undefined;
  }

  /** Switches it off in good order; nothing when it is off. */
  async off(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    this.#page = undefined;
    await context?.close();
  }

  /** Switches it off for good and removes its profile. */
  async dispose(): Promise<void> {
    await this.off();
    await remove(this.profile);
  }

  /**
   * Makes the page `rate` times slower (1 is full speed); holds until the session is detached or the page closes.
   * The service worker is not slowed.
   */
  async slowDown(rate: number): Promise<CDPSession> {
    const session = await this.context.newCDPSession(this.page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    return session;
  }

  /**
   * Cuts the page off from the network, or lets it on again. Stopping the server is the more honest offline:
   * `navigator.onLine` then still says yes, as it does in a kitchen with one bar of signal.
   */
  async offline(cut: boolean): Promise<void> {
    await this.context.setOffline(cut);
  }
}

/** The process id of the browser itself; its children end with it. */
async function browserProcess(context: BrowserContext): Promise<number> {
  const browser = context.browser();
  if (!browser) throw new Error('this browser cannot be asked for its process');
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const main = processInfo.find((one: { type: string }) => one.type === 'browser');
  if (!main) throw new Error('the browser did not name its process');
  return main.id;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
