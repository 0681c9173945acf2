exports.apply = () => {
	throw new Error("This is an exception");
};
