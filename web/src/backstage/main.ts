import './backstage.css'
