"""Reports: from a bundle of tables, which the command line computes, to a page, figures for paper and macros for LaTeX."""
