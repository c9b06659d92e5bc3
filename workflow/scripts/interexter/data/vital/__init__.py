"""The embedded data set `vital`: questions on the leads of Wikipedia's vital articles, with these leads as corpus.

articles   the texts: cleaned, cut into sentences and passages
names      countries, their inhabitants and further names
rules      one module for each kind of article: which facts a short description and a lead state
factbook   countries in The World Factbook: texts and facts
questions  facts become questions, or are rejected with a reason
build      all of it: tables and card
"""
