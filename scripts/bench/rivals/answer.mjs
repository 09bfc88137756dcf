// The rival's end of rival.ts: answers one question after the other.

/** @param {(question: any) => Promise<object>} answer */
export function answerWith(answer) {
  process.on('message', async (question) => {
    try {
      process.send(await answer(question));
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) });
    }
  });
  process.on('disconnect', () => process.exit());
}
