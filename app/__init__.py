"""The page over text2mdt, made with Streamlit; no logic of its own."""
