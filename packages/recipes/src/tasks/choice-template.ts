/** How a choice is asked: steps a block each, the letter last. */
export const choiceTemplate: string =
  'Choose the right answer. Reason step by step with a blank line between steps, and end with "Final Answer: " and its letter.\n\n{question}\n\n';
