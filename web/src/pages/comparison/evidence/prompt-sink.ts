import { insertAtCursor } from "./desk";

/** A form that text is put into from elsewhere: the next prompt, say. What is put into it before its form is on the page waits for it. */
class PromptSink {
  private field: HTMLTextAreaElement | null = null;
  private waiting: string[] = [];

  /** The form enters; returns how it leaves. */
  enter = (field: HTMLTextAreaElement): (() => void) => {
    this.field = field;
    const texts = this.waiting;
    this.waiting = [];
    for (const text of texts) requestAnimationFrame(() => this.insert(text));
    return () => {
      if (this.field === field) this.field = null;
    };
  };

  add(text: string): void {
    if (this.field) requestAnimationFrame(() => this.insert(text));
    else this.waiting.push(text);
  }

  private insert(text: string): void {
    if (!this.field) return;
    const before = this.field.value.slice(0, this.field.selectionStart);
    // A list of remarks begins on a line of its own.
    insertAtCursor(this.field, before === "" || before.endsWith("\n") ? text : `\n${text}`);
  }
}

const prompt = new PromptSink();

export function usePromptSink(): PromptSink {
  return prompt;
}
