// What is said aloud to a screen reader, politely. Two regions take turns, so that saying the same
// thing twice is heard twice.

export class Speaker {
  #first = $state("");
  #second = $state("");
  #turn = false;

  get first(): string {
    return this.#first;
  }

  get second(): string {
    return this.#second;
  }

  say(sentence: string): void {
    this.#turn = !this.#turn;
    this.#first = this.#turn ? sentence : "";
    this.#second = this.#turn ? "" : sentence;
  }
}
