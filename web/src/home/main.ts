/** The front of the house needs no script; its entry only brings the styles. */
import './home.css'
