import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { eventually } from '../support/await.ts';

/** Where pictures for the documentation go; none are made without it. */
const PICTURES = process.env['INNERVISOR_WEB_UI_PICTURES'];

const LIST_TIMEOUT_MS = 60_000;

/** What stands in the tabs of one workflow. */
export type Tab = 'Timeline' | 'User Metadata' | 'Search Attributes' | 'Memo';

/** Temporal's Web UI, used as a person does: by what it says and by the roles of its parts. */
export class WebUi {
  readonly #page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.#page = page;
    this.#url = url;
  }

  /** Lists the workflows that a query finds, once it finds so many: what lists show comes a little later. */
  async list(query: string, count: number): Promise<Locator> {
    const address = `${this.#url}/namespaces/default/workflows?query=${encodeURIComponent(query)}`;
    const rows = this.#page.getByRole('row').filter({ has: this.#page.getByRole('link') });
    const title = this.#page.getByRole('status').filter({ hasText: /^\s*\d+ Workflows?\s*$/ });
    await eventually(
      async () => {
        await this.#page.goto(address);
        await title.waitFor();
        return parseInt(await title.innerText()) === count;
      },
      { describe: `${count} workflows found by ${query}`, timeoutMs: LIST_TIMEOUT_MS },
    );
    await rows.nth(count - 1).waitFor();
    return rows;
  }

  /** Adds columns to the list, which the browser remembers. */
  async showColumns(wanted: readonly string[], unwanted: readonly string[]): Promise<void> {
    await this.#page.getByRole('button', { name: 'Configure Columns' }).click();
    for (const name of unwanted)
      await this.#page.getByRole('button', { name: `Remove ${name} column` }).click();
    for (const name of wanted) await this.#page.getByRole('button', { name: `Add ${name} column` }).click();
    await this.#page.getByRole('button', { name: 'Close Workflows Table configuration' }).click();
    await this.#page.getByRole('columnheader', { name: wanted.at(-1) ?? '' }).waitFor();
  }

  /** Opens the only workflow that a query finds; its timeline is what is shown first. */
  async open(query: string): Promise<void> {
    const [row] = await (await this.list(query, 1)).all();
    await row?.getByRole('link', { name: 'region/lab' }).click();
    await this.tab('Timeline');
  }

  /** Goes to a tab of the workflow that is open. */
  async tab(name: Tab): Promise<void> {
    const tab = this.#page.getByRole('tab', { name });
    await tab.click();
    await this.#page.getByRole('tab', { name, selected: true }).waitFor();
  }

  /** The Markdown below a heading of the tab User Metadata, as the UI has rendered it. */
  details(heading: 'Summary' | 'Details' | 'Current Details'): FrameLocator {
    const place = ['Summary', 'Details', 'Current Details'].indexOf(heading);
    return this.#page.locator('iframe').nth(place).contentFrame();
  }

  /** The rows of the table in rendered Markdown, each as a line. */
  async rows(details: FrameLocator): Promise<readonly string[]> {
    const rows = await details.getByRole('row').allInnerTexts();
    return rows.map((row) => row.replaceAll(/\s+/g, ' ').trim());
  }

  /** The part of the page beside the navigation. */
  get main(): Locator {
    return this.#page.getByRole('main');
  }

  /** Sends an update to the workflow that is open. Gives the dialog, which closes where the update is accepted. */
  async sendUpdate(name: string, data: string): Promise<Locator> {
    await this.#page.getByRole('button', { name: 'More Actions' }).click();
    await this.#page.getByRole('menuitem', { name: 'Send an Update' }).click();
    const dialog = this.#page.getByRole('dialog', { name: 'Send an Update' });
    await dialog.getByRole('button', { name: 'Select an Update' }).click();
    await dialog.getByRole('option', { name: new RegExp(`^${name}`) }).click();
    // As the editor would lay it out once it is left: a button that moves under the mouse isn't clicked.
    const laidOut = JSON.stringify(JSON.parse(data), null, 2);
    await dialog.getByRole('textbox', { name: 'Data' }).fill(laidOut);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    return dialog;
  }

  /** Cancels the workflow that is open. */
  async cancel(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Request Cancellation' }).click();
    const dialog = this.#page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Lists the schedules; gives the row of one. */
  async schedule(id: string): Promise<Locator> {
    await this.#page.goto(`${this.#url}/namespaces/default/schedules`);
    const row = this.#page.getByRole('row').filter({ has: this.#page.getByRole('link', { name: id }) });
    await row.waitFor();
    return row;
  }

  /** Makes a picture of what is seen, with a part of the page at its top. */
  async picture(name: string, top?: Locator): Promise<void> {
    if (PICTURES === undefined) return;
    await top?.evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView());
    await this.#page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}
