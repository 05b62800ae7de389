/** How many trees grow side by side: enough requests a wave to keep the matrix products large, or a server busy. */
export const treesTogether = 64;
