/** This package's version, as its package.json has it (a test compares them). Code, as a bundle carries no package.json. */
export const version = "0.1.0";
