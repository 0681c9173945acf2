exports.apply = (input) => input + 1;
