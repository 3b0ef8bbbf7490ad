import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../daemon/senses/programs.ts';

/** ms that a page may take for anything, on a busy machine. */
const PATIENCE = 40_000;

/** Quiet: no sandbox, since tests run as root too, and nothing that speaks to the internet. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Numbers and words are those of one country, and nothing moves. */
const STILL: BrowserContextOptions = { locale: 'en-GB', reducedMotion: 'reduce' };

/** Debian's Chromium without a window, showing one page. */
export class PanelBrowser {
  readonly page: Page;
  /** What no page of ours may cause: exceptions that nobody caught, and breaches of the content security policy. */
  readonly faults: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    this.#watch(page);
  }

  /** @param args more of Chromium's arguments */
  static async open(...args: string[]): Promise<PanelBrowser> {
    const executablePath = findProgram('chromium', process.env.PATH);
    if (!executablePath) throw new Error('chromium is not installed. On Debian: sudo apt install chromium');
    const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args] });
    return new PanelBrowser(browser, await browser.newPage(STILL));
  }

  /** A page that shares nothing with the first, as on another device. */
  async another(options: BrowserContextOptions): Promise<Page> {
    const page = await this.#browser.newPage({ ...STILL, ...options });
    this.#watch(page);
    return page;
  }

  /** Loads an address of the hub. */
  async visit(url: string): Promise<void> {
    const response = await this.page.goto(url);
    if (response && !response.ok()) throw new Error(`${url}: ${response.status()} ${await response.text()}`);
  }

  async login(password: string): Promise<void> {
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  #watch(page: Page): void {
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', ({ message }) => this.faults.push(message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.faults.push(message.text());
    });
  }
}
